package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

func fixtureMembers() []memberView {
	return []memberView{
		{
			ID: "mem_1", Email: "ada@example.com", Role: "owner", State: "active", You: true,
			SignsIn: "password, id.example.com", Identity: "248289761001 at https://id.example.com",
			JoinedAt: fixtureTime.Add(-900 * time.Hour), SeenAt: fixtureTime, Tokens: 2, TokensKnown: true,
		},
		{
			ID: "mem_2", Email: "bob.with-a-rather-long-address@research.harbour.example.com", Role: "editor",
			State: "active", SignsIn: "link", JoinedAt: fixtureTime.Add(-300 * time.Hour),
			SeenAt: fixtureTime.Add(-80 * time.Hour), TokensKnown: true,
		},
		{
			ID: "mem_3", Email: "eve@example.com", Role: "viewer", State: "invited", SignsIn: "link",
			JoinedAt: fixtureTime.Add(-20 * time.Hour),
		},
	}
}

func fixtureLink() *linkView {
	return &linkView{
		Email:     "eve@example.com",
		Address:   "https://windlass.example.com/sign-in/link/sil_ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		Lasts:     "72 hours",
		ExpiresAt: fixtureTime.Add(72 * time.Hour),
	}
}

// membersSamples returns the pages in each of their states.
func membersSamples() []fixture {
	crumbs := func(rest ...crumb) []crumb { return append([]crumb{{"Members", "/members"}}, rest...) }
	all, some := roleViews(), roleViews()[:2]
	taken := problem.New(problem.Conflict, "A member with the address eve@example.com exists already.").
		WithFindings(problem.Finding{Path: "email", Message: "is taken"})
	of := func(name string, p *memberPage) fixture {
		p.shell = shellOf(p.Member.Email, "/members", crumbs(crumb{Name: p.Member.Email})...)
		return sampleOf(name, "member", p)
	}
	rejected := shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...)
	rejected.Problem = viewProblem(taken)
	return []fixture{
		sampleOf("members", "members", &membersPage{
			shell: shellOf("Members", "/members"), Members: fixtureMembers(),
			Roles: all, Invites: true, Next: "?cursor=x",
		}),
		sampleOf("members-none", "members", &membersPage{
			shell:  shellOf("Members", "/members"),
			Filter: memberFilter{Query: "nobody"}, Roles: all,
		}),
		sampleOf("member-invite", "member_invite", &memberInvitePage{
			shell: shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...),
			Role:  "viewer", Roles: all,
		}),
		sampleOf("member-invite-taken", "member_invite", &memberInvitePage{
			shell: rejected, Email: "eve@example.com",
			Role: "editor", Roles: some,
		}),
		sampleOf("member-invited", "member_invite", &memberInvitePage{
			shell: shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...),
			Link:  fixtureLink(),
		}),
		of("member", &memberPage{
			Member: fixtureMembers()[1], Roles: all, Role: "editor", Sessions: fixtureSessions(),
			Tokens: fixtureTokens(), MaySeeSessions: true, MayEndSessions: true, MaySeeTokens: true, MayLink: true,
			MayRemove: true,
		}),
		of("member-you", &memberPage{
			Member: fixtureMembers()[0], Roles: all, Role: "owner",
			Sessions: fixtureSessions()[:1], MaySeeSessions: true, MayEndSessions: true, MaySeeTokens: true,
			MayUnlink: true, MayRemove: true,
		}),
		of("member-link", &memberPage{
			Member: fixtureMembers()[2], Roles: some, Role: "viewer", Link: fixtureLink(),
			MayLink: true, MayRemove: true,
		}),
		of("member-read", &memberPage{
			Member: fixtureMembers()[0],
			Who: problem.From(access.Refusal(access.Actor{Kind: access.Member, Role: access.Viewer},
				access.MemberUpdate)).Hint,
		}),
		sampleOf("member-remove", "member_remove", &memberRemovePage{
			shell: shellOf("Remove", "/members", crumbs(crumb{"bob@example.com", "/members/mem_2"},
				crumb{Name: "Remove"})...), Member: fixtureMembers()[1], Summary: "3 tokens stop.",
			Tokens: fixtureTokens(), Confirm: "bob@example.com",
		}),
		sampleOf("member-remove-none", "member_remove", &memberRemovePage{
			shell:  shellOf("Remove", "/members", crumbs(crumb{Name: "Remove"})...),
			Member: fixtureMembers()[2], Confirm: "eve@example.com",
		}),
	}
}
