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

func memberFixtures() []fixture {
	crumbs := func(rest ...crumb) []crumb { return append([]crumb{{"Members", "/members"}}, rest...) }
	all, some := roleViews(), roleViews()[:2]
	taken := problem.New(problem.Conflict, "A member with the address eve@example.com exists already.").
		WithFindings(problem.Finding{Path: "email", Message: "is taken"})
	of := func(name string, p *memberPage) fixture {
		p.shell = shellOf(p.Member.Email, "/members", crumbs(crumb{Name: p.Member.Email})...)
		return fixture{name, "member", "layout", p}
	}
	rejected := shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...)
	rejected.Problem = viewProblem(taken)
	return []fixture{
		{"members", "members", "layout", &membersPage{
			shell: shellOf("Members", "/members"), Members: fixtureMembers(),
			Roles: all, Invites: true, Next: "?cursor=x",
		}},
		{"members-none", "members", "layout", &membersPage{
			shell:  shellOf("Members", "/members"),
			Filter: memberFilter{Query: "nobody"}, Roles: all,
		}},
		{
			"member-invite", "member_invite", "layout",
			&memberInvitePage{
				shell: shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...),
				Role:  "viewer", Roles: all,
			},
		},
		{"member-invite-taken", "member_invite", "layout", &memberInvitePage{
			shell: rejected, Email: "eve@example.com",
			Role: "editor", Roles: some,
		}},
		{
			"member-invited", "member_invite", "layout",
			&memberInvitePage{
				shell: shellOf("Invite a member", "/members", crumbs(crumb{Name: "Invite a member"})...),
				Link:  fixtureLink(),
			},
		},
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
		{
			"member-remove", "member_remove", "layout",
			&memberRemovePage{
				shell: shellOf("Remove", "/members", crumbs(crumb{"bob@example.com", "/members/mem_2"},
					crumb{Name: "Remove"})...), Member: fixtureMembers()[1], Summary: "3 tokens stop.",
				Tokens: fixtureTokens(), Confirm: "bob@example.com",
			},
		},
		{
			"member-remove-none", "member_remove", "layout",
			&memberRemovePage{
				shell:  shellOf("Remove", "/members", crumbs(crumb{Name: "Remove"})...),
				Member: fixtureMembers()[2], Confirm: "eve@example.com",
			},
		},
	}
}

func fixtureTokens() []tokenView {
	return []tokenView{
		{
			ID: "tok_1", Name: "dashboard", Hint: "pk_…cdef", Type: "publishable", Scope: "read STOCKS",
			Maker: "ada@example.com", State: "active", CreatedAt: fixtureTime,
			LastUsed: fixtureTime.Add(-2 * time.Minute), MayAdopt: true,
		},
		{
			ID: "tok_2", Name: "importer", Hint: "sk_…9ab2", Type: "secret", Scope: "write every dataset, load, manage",
			Maker: "ada@example.com", State: "expiring", CreatedAt: fixtureTime.Add(-90 * time.Hour),
			LastUsed: fixtureTime.Add(-time.Hour), ExpiresAt: fixtureTime.Add(100 * time.Hour), MayAdopt: true,
		},
		{
			ID: "tok_3", Name: "laptop", Hint: "mk_…77aa", Type: "personal", Scope: "What its maker can do",
			Maker: "bob@example.com", State: "unused", CreatedAt: fixtureTime,
			ExpiresAt: fixtureTime.Add(2000 * time.Hour),
		},
		{
			ID: "tok_4", Name: "ada-laptop", Hint: "cs_…0112", Type: "session", Scope: "What its maker can do",
			Maker: "ada@example.com", State: "expired", CreatedAt: fixtureTime.Add(-400 * time.Hour),
			ExpiresAt: fixtureTime.Add(-time.Hour),
		},
	}
}

func fixtureTokenForm(kind string) tokenForm {
	f := readTokenForm(map[string][]string{
		"name": {"dashboard"}, "read": {"named"}, "read-dataset": {"ds_1"},
		"write": {"every"}, "scope": {"load"}, "expires": {"date"}, "date": {"2027-03-01"},
	})
	f.Kind = kind
	f.complete(access.Owner, []option{
		{"ds_1", "STOCKS"},
		{"ds_2", "WEATHER"},
		{"ds_3", "A_DATASET_WITH_A_LONG_NAME_OF_MANY_PARTS"},
	})
	return f
}

func tokenFixtures() []fixture {
	crumbs := []crumb{{"API tokens", "/tokens"}, {Name: "dashboard"}}
	made, forPages := fixtureTokenForm("secret"), fixtureTokenForm("publishable")
	forPages.Origins, forPages.Referers = "https://app.example.com\nhttps://*.example.com", "example.com/shop"
	made.Kinds = []kindView{
		{"publishable", "Publishable", "For web pages."},
		{"secret", "Secret", "For servers and scripts."},
		{"personal", "Personal", "Acts in your name."},
	}
	refused := made
	refused.Kind = "publishable"
	wrong := shellOf("Create a token", "/tokens", crumbs...)
	wrong.Problem = viewProblem(problem.New(problem.Invalid, "The token isn't valid: name is empty.").WithFindings(
		problem.Finding{Path: "name", Message: "is empty"},
		problem.Finding{Path: "scopes", Message: "Choose at least one."},
		problem.Finding{Path: "expires_at", Message: "is not in the future"}))
	edit := fixtureTokenForm("secret")
	back := shellOf("dashboard", "/tokens", crumbs...)
	back.Flash = &flash{"calm", "info", "You signed in again", "Your input is here; nothing has been saved yet."}
	return []fixture{
		{"tokens", "tokens", "layout", &tokensPage{shell: shellOf("API tokens", "/tokens"), Tokens: fixtureTokens()}},
		{"tokens-review", "tokens", "layout", &tokensPage{
			shell:  shellOf("API tokens", "/tokens"),
			Tokens: fixtureTokens(), Review: fixtureTokens()[:2],
		}},
		{"token-new", "token_new", "layout", &tokenNewPage{
			shell: shellOf("Create a token", "/tokens", crumbs...),
			Form:  made,
		}},
		{"token-new-publishable", "token_new", "layout", &tokenNewPage{
			shell: shellOf("Create a token", "/tokens", crumbs...),
			Form:  forPages,
		}},
		{"token-new-refused", "token_new", "layout", &tokenNewPage{shell: wrong, Form: refused}},
		{"token-created", "token_new", "layout", &tokenNewPage{
			shell:   shellOf("Create a token", "/tokens", crumbs...),
			Created: &createdToken{"dashboard", "pk_0123456789abcdef0123456789abcdef"},
		}},
		{"token", "token", "layout", &tokenPage{shell: back, Token: fixtureTokens()[1], Form: &edit}},
		{"token-review", "token", "layout", &tokenPage{
			shell: shellOf("importer", "/tokens", crumbs...),
			Token: fixtureTokens()[1], Form: &edit, Review: true,
		}},
		{"token-read", "token", "layout", &tokenPage{
			shell: shellOf("ada-laptop", "/tokens", crumbs...),
			Token: fixtureTokens()[3],
		}},
	}
}
