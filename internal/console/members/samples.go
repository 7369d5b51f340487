package members

import (
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/problem"
)

func sampleMembers() []memberView {
	return []memberView{
		{
			ID: "mem_1", Email: "ada@example.com", Role: "owner", State: "active", You: true,
			SignsIn: "password, id.example.com", Identity: "248289761001 at https://id.example.com",
			JoinedAt: sample.Time.Add(-900 * time.Hour), SeenAt: sample.Time, Tokens: 2, TokensKnown: true,
		},
		{
			ID: "mem_2", Email: "bob.with-a-rather-long-address@research.harbour.example.com", Role: "editor",
			State: "active", SignsIn: "link", JoinedAt: sample.Time.Add(-300 * time.Hour),
			SeenAt: sample.Time.Add(-80 * time.Hour), TokensKnown: true,
		},
		{
			ID: "mem_3", Email: "eve@example.com", Role: "viewer", State: "invited", SignsIn: "link",
			JoinedAt: sample.Time.Add(-20 * time.Hour),
		},
	}
}

func sampleLink() *linkView {
	return &linkView{
		Email:     "eve@example.com",
		Address:   "https://windlass.example.com/sign-in/link/sil_ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		Lasts:     "72 hours",
		ExpiresAt: sample.Time.Add(72 * time.Hour),
	}
}

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	crumbs := func(rest ...page.Crumb) []page.Crumb {
		return append([]page.Crumb{{Name: "Members", Path: "/members"}}, rest...)
	}
	all, some := roleViews(), roleViews()[:2]
	taken := problem.New(problem.Conflict, "A member with the address eve@example.com already exists.").
		WithFindings(problem.Finding{Path: "email", Message: "is taken"})
	of := func(name string, p *memberPage) sample.Page {
		p.Frame = sample.Frame(p.Member.Email, "/members", crumbs(page.Crumb{Name: p.Member.Email})...)
		return sample.New(name, "members/member", p)
	}
	rejected := sample.Frame("Invite a member", "/members", crumbs(page.Crumb{Name: "Invite a member"})...)
	rejected.Problem = page.ProblemOf(taken)
	return []sample.Page{
		sample.New("members", "members/members", &membersPage{
			Frame: sample.Frame("Members", "/members"), Members: sampleMembers(),
			Roles: all, Invites: true, Next: "?cursor=x",
		}),
		sample.New("members-none", "members/members", &membersPage{
			Frame:  sample.Frame("Members", "/members"),
			Filter: memberFilter{Query: "nobody"}, Roles: all,
		}),
		sample.New("member-invite", "members/invite", &memberInvitePage{
			Frame: sample.Frame("Invite a member", "/members", crumbs(page.Crumb{Name: "Invite a member"})...),
			Role:  "viewer", Roles: all,
		}),
		sample.New("member-invite-taken", "members/invite", &memberInvitePage{
			Frame: rejected, Email: "eve@example.com",
			Role: "editor", Roles: some,
		}),
		sample.New("member-invited", "members/invite", &memberInvitePage{
			Frame: sample.Frame("Invite a member", "/members", crumbs(page.Crumb{Name: "Invite a member"})...),
			Link:  sampleLink(),
		}),
		of("member", &memberPage{
			Member: sampleMembers()[1], Roles: all, Role: "editor", Sessions: sample.Browsers(),
			Tokens: sample.Tokens(), MaySeeSessions: true, MayEndSessions: true, MaySeeTokens: true, MayLink: true,
			MayRemove: true,
		}),
		of("member-you", &memberPage{
			Member: sampleMembers()[0], Roles: all, Role: "owner",
			Sessions: sample.Browsers()[:1], MaySeeSessions: true, MayEndSessions: true, MaySeeTokens: true,
			MayUnlink: true, MayRemove: true,
		}),
		of("member-link", &memberPage{
			Member: sampleMembers()[2], Roles: some, Role: "viewer", Link: sampleLink(),
			MayLink: true, MayRemove: true,
		}),
		of("member-read", &memberPage{
			Member: sampleMembers()[0],
			Who: problem.From(access.Refusal(access.Actor{Kind: access.Member, Role: access.Viewer},
				access.MemberUpdate)).Hint,
		}),
		sample.New("member-remove", "members/remove", &memberRemovePage{
			Frame: sample.Frame("Remove", "/members",
				crumbs(page.Crumb{Name: "bob@example.com", Path: "/members/mem_2"},
					page.Crumb{Name: "Remove"})...), Member: sampleMembers()[1], Summary: "3 tokens stop.",
			Tokens: sample.Tokens(), Confirm: "bob@example.com",
		}),
		sample.New("member-remove-none", "members/remove", &memberRemovePage{
			Frame:  sample.Frame("Remove", "/members", crumbs(page.Crumb{Name: "Remove"})...),
			Member: sampleMembers()[2], Confirm: "eve@example.com",
		}),
	}
}
