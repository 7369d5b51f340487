package tokens

import (
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
)

func sampleForm(kind string) tokenForm {
	f := readTokenForm(map[string][]string{
		"name": {"dashboard"}, "read": {"named"}, "read-dataset": {"ds_1"},
		"write": {"every"}, "scope": {"load"}, "expires": {"date"}, "date": {"2027-03-01"},
	})
	f.Kind = kind
	f.complete(access.Owner, []page.Option{
		{Value: "ds_1", Name: "STOCKS"},
		{Value: "ds_2", Name: "WEATHER"},
		{Value: "ds_3", Name: "A_DATASET_WITH_A_LONG_NAME_OF_MANY_PARTS"},
	})
	return f
}

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	crumbs := []page.Crumb{{Name: "API tokens", Path: "/tokens"}, {Name: "dashboard"}}
	made, forPages := sampleForm("secret"), sampleForm("publishable")
	forPages.Origins, forPages.Referers = "https://app.example.com\nhttps://*.example.com", "example.com/shop"
	made.Kinds = []kindView{
		{"publishable", "Publishable", "For web pages."},
		{"secret", "Secret", "For servers and scripts."},
		{"personal", "Personal", "Acts in your name."},
	}
	refused := made
	refused.Kind = "publishable"
	wrong := sample.Frame("Create a token", "/tokens", crumbs...)
	wrong.Problem = page.ProblemOf(problem.New(problem.Invalid, "The token isn't valid: name is empty.").WithFindings(
		problem.Finding{Path: "name", Message: "is empty"},
		problem.Finding{Path: "scopes", Message: "Choose at least one."},
		problem.Finding{Path: "expires_at", Message: "is not in the future"}))
	edit := sampleForm("secret")
	back := sample.Frame("dashboard", "/tokens", crumbs...)
	back.Flash = &page.Flash{
		Tone: "calm", Icon: "info", Title: "You signed in again",
		Text: "Your input is here; nothing has been saved yet.",
	}
	return []sample.Page{
		sample.New("tokens-empty", "tokens/tokens", &tokensPage{Frame: sample.Frame("API tokens", "/tokens")}),
		sample.New("tokens", "tokens/tokens", &tokensPage{
			Frame:  sample.Frame("API tokens", "/tokens"),
			Tokens: sample.Tokens(),
		}),
		sample.New("tokens-review", "tokens/tokens", &tokensPage{
			Frame:  sample.Frame("API tokens", "/tokens"),
			Tokens: sample.Tokens(), Review: sample.Tokens()[:2],
		}),
		sample.New("token-new", "tokens/new", &tokenNewPage{
			Frame: sample.Frame("Create a token", "/tokens", crumbs...),
			Form:  made,
		}),
		sample.New("token-new-publishable", "tokens/new", &tokenNewPage{
			Frame: sample.Frame("Create a token", "/tokens", crumbs...),
			Form:  forPages,
		}),
		sample.New("token-new-refused", "tokens/new", &tokenNewPage{Frame: wrong, Form: refused}),
		sample.New("token-created", "tokens/new", &tokenNewPage{
			Frame:   sample.Frame("Create a token", "/tokens", crumbs...),
			Created: &view.CreatedToken{Name: "dashboard", Value: "pk_0123456789abcdef0123456789abcdef"},
		}),
		sample.New("token", "tokens/token", &tokenPage{Frame: back, Token: sample.Tokens()[1], Form: &edit}),
		sample.New("token-review", "tokens/token", &tokenPage{
			Frame: sample.Frame("importer", "/tokens", crumbs...),
			Token: sample.Tokens()[1], Form: &edit, Review: true,
		}),
		sample.New("token-read", "tokens/token", &tokenPage{
			Frame: sample.Frame("ada-laptop", "/tokens", crumbs...),
			Token: sample.Tokens()[3],
		}),
	}
}
