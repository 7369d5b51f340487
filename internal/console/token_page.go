package console

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenPage is a token: what it can do, its use, and the form that changes it.
type tokenPage struct {
	shell
	Token  tokenView
	Form   *tokenForm // nil: the reader can't change it
	Review bool       // an owner is asked whether it is still needed
	Who    string     // why there is no form, and who has one
}

func noScopes() error {
	return problem.New(problem.Invalid, "Choose what the token can do.").
		WithFindings(problem.Finding{Path: "scopes", Message: "Choose at least one."})
}

func (c *Console) token(w http.ResponseWriter, v *visit) error {
	return c.showToken(w, v, http.StatusOK, v.draft, nil)
}

// showToken shows a token; typed is what the form had, if it was sent.
func (c *Console) showToken(w http.ResponseWriter, v *visit, status int, typed url.Values, rejection error) error {
	found, err := c.config.Tokens.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	if !found.RevokedAt.IsZero() {
		return access.Missing("token", found.ID)
	}
	datasets, err := datasetOptions(v, c.config.Datasets)
	if err != nil {
		return err
	}
	p := &tokenPage{
		shell: c.shell(v, found.Name, "/tokens", crumb{"API tokens", "/tokens"}, crumb{Name: found.Name}),
		Token: viewToken(c, v, &found, datasets),
	}
	p.Review = found.Review && p.Token.MayChange && v.actor.Role == access.Owner
	p.Problem = viewProblem(rejection)
	switch {
	case p.Token.MayChange:
		form := formOf(&found)
		if len(typed) > 0 {
			form = readTokenForm(typed)
			form.Kind = string(found.Kind)
		}
		form.complete(v.actor.Role, datasets)
		p.Form = &form
	case found.Kind != token.Session:
		p.Who = problem.From(access.Refusal(v.actor, access.TokenUpdate)).Hint
	}
	c.show(w, v.Request, status, "token", p)
	return nil
}

// tokenChange changes a token's name, scopes and expiry.
func (c *Console) tokenChange(w http.ResponseWriter, v *visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	found, err := c.config.Tokens.Get(v.Context(), v.actor, v.workspace, v.PathValue("id"))
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
	at, _, given, err := f.expiry(c.config.Now())
	if given {
		change.ExpiresAt = &at
	}
	if err == nil && len(scopes) == 0 && found.Kind != token.Personal {
		err = noScopes()
	}
	if err == nil {
		_, err = c.config.Tokens.Update(v.Context(), v.actor, v.workspace, found.ID, change)
	}
	return c.tokenDone(w, v, "token-saved", err)
}

// tokenReviewed keeps a token as it is: an owner looked at it.
func (c *Console) tokenReviewed(w http.ResponseWriter, v *visit) error {
	_, err := c.config.Tokens.Update(v.Context(), v.actor, v.workspace, v.PathValue("id"), token.Change{})
	return c.tokenDone(w, v, "token-reviewed", err)
}

// tokenAdopt makes the reader a token's maker.
func (c *Console) tokenAdopt(w http.ResponseWriter, v *visit) error {
	_, err := c.config.Tokens.Adopt(v.Context(), v.actor, v.workspace, v.PathValue("id"))
	return c.tokenDone(w, v, "token-adopted", err)
}

func (c *Console) tokenDone(w http.ResponseWriter, v *visit, done string, err error) error {
	back := "/tokens/" + url.PathEscape(v.PathValue("id"))
	switch {
	case access.IsStale(err):
		c.askAgain(w, v, back, tokenFields...)
		return nil
	case rejected(err):
		return c.showToken(w, v, rejectedStatus(w, err), v.PostForm, err)
	case err != nil:
		return err
	}
	c.redirect(w, v.Request, back+"?done="+done)
	return nil
}
