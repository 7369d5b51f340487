package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
)

// signInFixtures are the pages of signing in, of one's account and of the security log.
func signInFixtures() []fixture {
	return []fixture{
		{"sign-in", "sign_in", "page", &signInPage{Title: "Sign in", Next: "/"}},
		{"sign-in-wrong", "sign_in", "page", &signInPage{
			Title: "Sign in", Email: "ada@example.com",
			Problem: viewProblem(problem.New(problem.Unauthenticated,
				"That e-mail address and password do not go together.")),
		}},
		{"sign-in-openid", "sign_in", "page", &signInPage{Title: "Sign in", Next: "/", OpenID: "Example ID"}},
		{"account", "account", "layout", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "owner", Password: true, OpenID: "Example ID",
			Identity: "248289761001 at https://id.example.com", Sessions: fixtureSessions(),
		}},
		{
			"identity-connect", "identity_connect", "layout",
			&identityConnectPage{
				shell: shellOf("Connect an identity", "/account", crumb{"Your account", "/account"},
					crumb{Name: "Connect an identity"}), OpenID: "Example ID", Issuer: "https://id.example.com",
				Subject: "248289761001", Connected: "7f3a at https://id.example.com",
			},
		},
		{"sign-in-again", "sign_in", "page", &signInPage{
			Title: "Sign in", Again: true, Workspace: "demo",
			Email: "ada@example.com", Next: "/account",
		}},
		{"security", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Entries: fixtureSecurity(), Next: "/security?cursor=x",
		}},
		{"security-all", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Filter: securityFilter{Kind: "signin.failed", Instance: true},
			Entries: fixtureSecurity(),
		}},
		{"security-empty", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(),
		}},
		{"account-new", "account", "layout", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "user", OpenID: "Example ID", Fresh: true, Sessions: fixtureSessions()[:1],
			Created: &createdToken{"laptop", "mk_0123456789abcdef0123456789abcdef"},
		}},
		{"sign-in-link", "sign_in", "page", &signInPage{Title: "Sign in", Link: "link_abc"}},
		{"login", "login", "layout", &loginPage{shell: shellOf("Sign in a command", "/login")}},
		{"login-code", "login", "layout", &loginPage{
			shell: shellOf("Sign in a command", "/login"), Code: "BCDF-GHJK",
			Request: &login.Request{Name: "ada-laptop", Address: "203.0.113.7"},
		}},
		{"login-command", "login_command", "layout", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"),
			Ask:   login.Ask{Name: "ada-laptop", Redirect: "http://127.0.0.1:40123/callback"},
		}},
		{"login-command-bad", "login_command", "layout", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"), Bad: "The command sent no proof key.",
			Hint: "Run windlass login again.",
		}},
		{"login-approved", "login", "layout", &loginPage{
			shell: shellOf("Sign in a command", "/login"),
			Done:  "approved",
		}},
		{"login-denied", "login", "layout", &loginPage{shell: shellOf("Sign in a command", "/login"), Done: "denied"}},
	}
}

func fixtureSessions() []browserView {
	return []browserView{
		{
			ID: "ses_1", Browser: "Firefox on Linux", Address: "203.0.113.7", BeganAt: fixtureTime.Add(-time.Hour),
			SeenAt: fixtureTime, Current: true,
		},
		{
			ID: "ses_2", Browser: "Safari on iPhone", Address: "2001:db8:85a3::8a2e:370:7334",
			BeganAt: fixtureTime.Add(-50 * time.Hour), SeenAt: fixtureTime.Add(-3 * time.Hour),
		},
	}
}

func fixtureSecurity() []securityView {
	entry := func(seq int64, kind security.Kind, address, subject, reason string, count int64) securityView {
		return viewSecurity(security.Entry{
			Seq: seq, Kind: kind, Address: address, Subject: subject, Workspace: "ws_01kjq7m2r5x8v3n6p9t4w0y1za",
			Reason: reason,
			Count:  count, First: fixtureTime.Add(-8 * time.Minute), Last: fixtureTime,
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}, securityFilter{})
	}
	return []securityView{
		entry(41, security.SignInFailed, "203.0.113.7", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The password is wrong.",
			1234),
		entry(40, security.TokenUnknown, "2001:db8:85a3:1::/64", "", "The token is unknown.", 1),
		entry(39, security.SignInLimited, security.Many, "", "Too many attempts failed.", 120_000),
		entry(38, security.SignInSucceeded, "198.51.100.9", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The member signed in.",
			1),
		entry(37, security.RoleChanged, "", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The role changed from editor to admin.",
			1),
	}
}
