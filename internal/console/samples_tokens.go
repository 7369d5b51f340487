package console

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

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

// tokensSamples returns the pages in each of their states.
func tokensSamples() []fixture {
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
		sampleOf("tokens-empty", "tokens", &tokensPage{shell: shellOf("API tokens", "/tokens")}),
		sampleOf("tokens", "tokens", &tokensPage{shell: shellOf("API tokens", "/tokens"), Tokens: fixtureTokens()}),
		sampleOf("tokens-review", "tokens", &tokensPage{
			shell:  shellOf("API tokens", "/tokens"),
			Tokens: fixtureTokens(), Review: fixtureTokens()[:2],
		}),
		sampleOf("token-new", "token_new", &tokenNewPage{
			shell: shellOf("Create a token", "/tokens", crumbs...),
			Form:  made,
		}),
		sampleOf("token-new-publishable", "token_new", &tokenNewPage{
			shell: shellOf("Create a token", "/tokens", crumbs...),
			Form:  forPages,
		}),
		sampleOf("token-new-refused", "token_new", &tokenNewPage{shell: wrong, Form: refused}),
		sampleOf("token-created", "token_new", &tokenNewPage{
			shell:   shellOf("Create a token", "/tokens", crumbs...),
			Created: &createdToken{"dashboard", "pk_0123456789abcdef0123456789abcdef"},
		}),
		sampleOf("token", "token", &tokenPage{shell: back, Token: fixtureTokens()[1], Form: &edit}),
		sampleOf("token-review", "token", &tokenPage{
			shell: shellOf("importer", "/tokens", crumbs...),
			Token: fixtureTokens()[1], Form: &edit, Review: true,
		}),
		sampleOf("token-read", "token", &tokenPage{
			shell: shellOf("ada-laptop", "/tokens", crumbs...),
			Token: fixtureTokens()[3],
		}),
	}
}
