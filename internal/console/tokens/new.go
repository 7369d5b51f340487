package tokens

import (
	"iter"
	"maps"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenNewPage creates a token, and then shows its text, once.
type tokenNewPage struct {
	page.Frame
	Form    tokenForm
	Created *view.CreatedToken // nil: the form
}

func keysOf(m map[string]bool) iter.Seq[string] { return maps.Keys(m) }

func (h *Handlers) tokenNew(w http.ResponseWriter, v *shell.Visit) error {
	typed := v.Draft
	if typed == nil {
		typed = v.URL.Query() // a link may choose the kind and a dataset
	}
	return h.showTokenNew(w, v, http.StatusOK, typed, nil, nil)
}

func (h *Handlers) showTokenNew(w http.ResponseWriter, v *shell.Visit, status int, typed url.Values,
	created *view.CreatedToken,
	rejection error,
) error {
	datasets, err := view.DatasetOptions(v, h.Datasets)
	if err != nil {
		return err
	}
	p := &tokenNewPage{
		Frame: h.Frame(v, "Create a token", "/tokens", page.Crumb{Name: "API tokens", Path: "/tokens"},
			page.Crumb{Name: "Create a token"}),
		Form: readTokenForm(typed), Created: created,
	}
	p.Problem = page.ProblemOf(rejection)
	p.Form.Kinds = kindsFor(v)
	if p.Form.Kind == "" {
		p.Form.Kind = p.Form.Kinds[0].Value
	}
	if len(typed) == 0 || !typed.Has("name") {
		p.Form.Verbs[0].Reach, p.Form.Origins = "every", origin.Any
	}
	kind := p.Form.Kind
	p.Form.Kind = "" // every scope and expiry: the kind is chosen on the page
	p.Form.complete(v.Actor.Role, datasets)
	if p.Form.Kind = kind; v.Actor.Role != access.Owner {
		p.Form.Choices = append([]page.Option{}, p.Form.Choices...)
	}
	h.Show(w, v.Request, status, "tokens/new", p)
	return nil
}

// kindsFor returns the kinds of token that the member can create.
func kindsFor(v *shell.Visit) []kindView {
	all := []kindView{
		{
			string(token.Publishable), "Publishable",
			"For web pages. Reads the datasets you choose. Anyone may see it.",
		},
		{string(token.Secret), "Secret", "For servers and scripts. Can do what you choose. Lasts a year by default."},
		{string(token.Personal), "Personal", "For your own machine. Acts in your name for at most 90 days."},
	}
	if !v.Actor.Role.Includes(access.Editor) {
		return all[1:]
	}
	return all
}

// tokenCreate creates a token and shows it once. The token is in the response to
// the form, so that it is in no address.
func (h *Handlers) tokenCreate(w http.ResponseWriter, v *shell.Visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	f := readTokenForm(v.PostForm)
	draft := token.Draft{Kind: token.Kind(f.Kind), Name: f.Name, Scopes: f.scopes()}
	at, never, _, err := f.expiry(h.Now())
	if err == nil && len(draft.Scopes) == 0 && draft.Kind != token.Personal {
		err = noScopes()
	}
	if err == nil {
		draft.Limits, err = f.limits()
	}
	var created *view.CreatedToken
	if err == nil {
		draft.ExpiresAt, draft.Never = at, never
		draft.AllowedOrigins, draft.AllowedReferers = f.pages()
		made, text, mintErr := h.Tokens.Mint(v.Context(), v.Actor, v.Workspace, draft)
		created, err = &view.CreatedToken{Name: made.Name, Value: text.Reveal()}, mintErr
	}
	switch {
	case access.IsStale(err):
		h.AskAgain(w, v, "/tokens/new", tokenFields...)
		return nil
	case shell.Rejected(err):
		return h.showTokenNew(w, v, shell.RejectedStatus(w, err), v.PostForm, nil, err)
	case err != nil:
		return err
	}
	return h.showTokenNew(w, v, http.StatusOK, nil, created, nil)
}
