package signin

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	return []sample.Page{
		sample.Bare("sign-in", "signin/sign_in", &signInPage{Title: "Sign in", Next: "/"}),
		sample.Bare("sign-in-wrong", "signin/sign_in", &signInPage{
			Title: "Sign in", Email: "ada@example.com",
			Problem: page.ProblemOf(problem.New(problem.Unauthenticated,
				"That e-mail address and password do not go together.")),
		}),
		sample.Bare("sign-in-openid", "signin/sign_in", &signInPage{Title: "Sign in", Next: "/", OpenID: "Example ID"}),
		sample.Bare("sign-in-again", "signin/sign_in", &signInPage{
			Title: "Sign in", Again: true, Workspace: "demo",
			Email: "ada@example.com", Next: "/account",
		}),
		sample.Bare("sign-in-link", "signin/sign_in", &signInPage{Title: "Sign in", Link: "link_abc"}),
		sample.New("login", "signin/login", &loginPage{Frame: sample.Frame("Sign in a command", "/login")}),
		sample.New("login-code", "signin/login", &loginPage{
			Frame: sample.Frame("Sign in a command", "/login"), Code: "BCDF-GHJK",
			Request: &login.Request{Name: "ada-laptop", Address: "203.0.113.7"},
		}),
		sample.New("login-command", "signin/login_command", &loginCommandPage{
			Frame: sample.Frame("Sign in a command", "/login"),
			Ask:   login.Ask{Name: "ada-laptop", Redirect: "http://127.0.0.1:40123/callback"},
		}),
		sample.New("login-command-bad", "signin/login_command", &loginCommandPage{
			Frame: sample.Frame("Sign in a command", "/login"), Bad: "The command sent no proof key.",
			Hint: "Run windlass login again.",
		}),
		sample.New("login-approved", "signin/login", &loginPage{
			Frame: sample.Frame("Sign in a command", "/login"),
			Done:  "approved",
		}),
		sample.New("login-denied", "signin/login", &loginPage{
			Frame: sample.Frame("Sign in a command", "/login"),
			Done:  "denied",
		}),
	}
}
