package console

import (
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
)

// signinSamples returns the pages in each of their states.
func signinSamples() []fixture {
	return []fixture{
		bareSample("sign-in", "sign_in", &signInPage{Title: "Sign in", Next: "/"}),
		bareSample("sign-in-wrong", "sign_in", &signInPage{
			Title: "Sign in", Email: "ada@example.com",
			Problem: viewProblem(problem.New(problem.Unauthenticated,
				"That e-mail address and password do not go together.")),
		}),
		bareSample("sign-in-openid", "sign_in", &signInPage{Title: "Sign in", Next: "/", OpenID: "Example ID"}),
		bareSample("sign-in-again", "sign_in", &signInPage{
			Title: "Sign in", Again: true, Workspace: "demo",
			Email: "ada@example.com", Next: "/account",
		}),
		bareSample("sign-in-link", "sign_in", &signInPage{Title: "Sign in", Link: "link_abc"}),
		sampleOf("login", "login", &loginPage{shell: shellOf("Sign in a command", "/login")}),
		sampleOf("login-code", "login", &loginPage{
			shell: shellOf("Sign in a command", "/login"), Code: "BCDF-GHJK",
			Request: &login.Request{Name: "ada-laptop", Address: "203.0.113.7"},
		}),
		sampleOf("login-command", "login_command", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"),
			Ask:   login.Ask{Name: "ada-laptop", Redirect: "http://127.0.0.1:40123/callback"},
		}),
		sampleOf("login-command-bad", "login_command", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"), Bad: "The command sent no proof key.",
			Hint: "Run windlass login again.",
		}),
		sampleOf("login-approved", "login", &loginPage{
			shell: shellOf("Sign in a command", "/login"),
			Done:  "approved",
		}),
		sampleOf("login-denied", "login", &loginPage{shell: shellOf("Sign in a command", "/login"), Done: "denied"}),
	}
}
