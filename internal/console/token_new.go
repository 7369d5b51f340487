package console

import (
	"iter"
	"maps"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenNewPage creates a token, and then shows its text, once.
type tokenNewPage struct {
	shell
	Form    tokenForm
	Created *createdToken // nil: the form
}

func keysOf(m map[string]bool) iter.Seq[string] { return maps.Keys(m) }

func (c *Console) tokenNew(w http.ResponseWriter, v *visit) error {
	typed := v.draft
	if typed == nil {
		typed = v.URL.Query() // a link may choose the kind and a dataset
	}
	return c.showTokenNew(w, v, http.StatusOK, typed, nil, nil)
}

func (c *Console) showTokenNew(w http.ResponseWriter, v *visit, status int, typed url.Values, created *createdToken,
	rejection error,
) error {
	datasets, err := datasetOptions(v, c.config.Datasets)
	if err != nil {
		return err
	}
	p := &tokenNewPage{
		shell: c.shell(v, "Create a token", "/tokens", crumb{"API tokens", "/tokens"}, crumb{Name: "Create a token"}),
		Form:  readTokenForm(typed), Created: created,
	}
	p.Problem = viewProblem(rejection)
	p.Form.Kinds = kindsFor(v)
	if p.Form.Kind == "" {
		p.Form.Kind = p.Form.Kinds[0].Value
	}
	if len(typed) == 0 || !typed.Has("name") {
		p.Form.Verbs[0].Reach, p.Form.Origins = "every", origin.Any
	}
	kind := p.Form.Kind
	p.Form.Kind = "" // every scope and expiry: the kind is chosen on the page
	p.Form.complete(v.actor.Role, datasets)
	if p.Form.Kind = kind; v.actor.Role != access.Owner {
		p.Form.Choices = append([]option{}, p.Form.Choices...)
	}
	c.show(w, v.Request, status, "token_new", p)
	return nil
}

// kindsFor returns the kinds of token that the member can create.
func kindsFor(v *visit) []kindView {
	all := []kindView{
		{
			string(token.Publishable), "Publishable",
			"For web pages. Reads the datasets you choose; everybody may see it.",
		},
		{string(token.Secret), "Secret", "For servers and scripts. Does what you choose, for a year by default."},
		{string(token.Personal), "Personal", "Acts in your name for at most 90 days: for your own machine."},
	}
	if !v.actor.Role.Includes(access.Editor) {
		return all[1:]
	}
	return all
}

// tokenCreate mints a token and shows it, once: the answer to the form itself has
// it, so that no address does.
func (c *Console) tokenCreate(w http.ResponseWriter, v *visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	f := readTokenForm(v.PostForm)
	draft := token.Draft{Kind: token.Kind(f.Kind), Name: f.Name, Scopes: f.scopes()}
	at, never, _, err := f.expiry(c.config.Now())
	if err == nil && len(draft.Scopes) == 0 && draft.Kind != token.Personal {
		err = noScopes()
	}
	var created *createdToken
	if err == nil {
		draft.ExpiresAt, draft.Never = at, never
		draft.AllowedOrigins, draft.AllowedReferers = f.pages()
		made, text, mintErr := c.config.Tokens.Mint(v.Context(), v.actor, v.workspace, draft)
		created, err = &createdToken{made.Name, text.Reveal()}, mintErr
	}
	switch {
	case access.IsStale(err):
		c.askAgain(w, v, "/tokens/new", tokenFields...)
		return nil
	case rejected(err):
		return c.showTokenNew(w, v, rejectedStatus(w, err), v.PostForm, nil, err)
	case err != nil:
		return err
	}
	return c.showTokenNew(w, v, http.StatusOK, nil, created, nil)
}
