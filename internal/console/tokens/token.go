package tokens

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenPage shows a token: what it can do, its use, and the form that changes it.
type tokenPage struct {
	page.Frame
	Token  view.Token
	Form   *tokenForm   // nil: the reader can't change it
	Review bool         // an owner is asked whether it is still needed
	Who    string       // why there is no form, and who can change the token
	Limits []limitField // that it has
}

func noScopes() error {
	return problem.New(problem.Invalid, "Choose what the token can do.").
		WithFindings(problem.Finding{Path: "scopes", Message: "Choose at least one."})
}

func (h *Handlers) token(w http.ResponseWriter, v *shell.Visit) error {
	return h.showToken(w, v, http.StatusOK, v.Draft, nil)
}

// showToken shows a token. typed has the input of the form, if it was sent.
func (h *Handlers) showToken(w http.ResponseWriter, v *shell.Visit, status int, typed url.Values,
	rejection error,
) error {
	found, err := h.Tokens.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	if !found.RevokedAt.IsZero() {
		return access.Missing("token", found.ID)
	}
	datasets, err := view.DatasetOptions(v, h.Datasets)
	if err != nil {
		return err
	}
	p := &tokenPage{
		Frame: h.Frame(v, found.Name, "/tokens", page.Crumb{Name: "API tokens", Path: "/tokens"},
			page.Crumb{Name: found.Name}),
		Token: view.TokenOf(h.Shell, v, &found, datasets),
	}
	p.Review = found.Review && p.Token.MayChange && v.Actor.Role == access.Owner
	for _, limit := range formOf(&found).Limits {
		if limit.Value != "" {
			p.Limits = append(p.Limits, limit)
		}
	}
	p.Problem = page.ProblemOf(rejection)
	switch {
	case p.Token.MayChange:
		form := formOf(&found)
		if len(typed) > 0 {
			form = readTokenForm(typed)
			form.Kind = string(found.Kind)
		}
		form.complete(v.Actor.Role, datasets)
		p.Form = &form
	case found.Kind != token.Session:
		p.Who = problem.From(access.Refusal(v.Actor, access.TokenUpdate)).Hint
	}
	h.Show(w, v.Request, status, "tokens/token", p)
	return nil
}

// tokenChange changes a token's name, scopes and expiry.
func (h *Handlers) tokenChange(w http.ResponseWriter, v *shell.Visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	found, err := h.Tokens.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	f := readTokenForm(v.PostForm)
	f.Kind = string(found.Kind)
	scopes := f.scopes()
	change := token.Change{Name: &f.Name, Scopes: &scopes}
	if origins, referers := f.pages(); found.Kind == token.Publishable {
		change.AllowedOrigins, change.AllowedReferers = &origins, &referers
	}
	at, _, given, err := f.expiry(h.Now())
	if given {
		change.ExpiresAt = &at
	}
	if err == nil && len(scopes) == 0 && found.Kind != token.Personal {
		err = noScopes()
	}
	if err == nil {
		var limits access.Limits
		limits, err = f.limits()
		change.Limits = &limits
	}
	if err == nil {
		_, err = h.Tokens.Update(v.Context(), v.Actor, v.Workspace, found.ID, change)
	}
	return h.tokenDone(w, v, "token-saved", err)
}

// tokenReviewed records that an owner has reviewed a token and keeps it.
func (h *Handlers) tokenReviewed(w http.ResponseWriter, v *shell.Visit) error {
	_, err := h.Tokens.Update(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), token.Change{})
	return h.tokenDone(w, v, "token-reviewed", err)
}

// tokenAdopt makes the reader a token's maker.
func (h *Handlers) tokenAdopt(w http.ResponseWriter, v *shell.Visit) error {
	_, err := h.Tokens.Adopt(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	return h.tokenDone(w, v, "token-adopted", err)
}

func (h *Handlers) tokenDone(w http.ResponseWriter, v *shell.Visit, done string, err error) error {
	back := "/tokens/" + url.PathEscape(v.PathValue("id"))
	switch {
	case access.IsStale(err):
		h.AskAgain(w, v, back, tokenFields...)
		return nil
	case shell.Rejected(err):
		return h.showToken(w, v, shell.RejectedStatus(w, err), v.PostForm, err)
	case err != nil:
		return err
	}
	h.Redirect(w, v.Request, back+"?done="+done)
	return nil
}
