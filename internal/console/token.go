package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/token"
)

// tokensPage lists the API tokens and makes new ones.
type tokensPage struct {
	shell
	Tokens   []tokenView
	Form     tokenForm
	Datasets []option
	Created  *createdToken // shown once
	Next     string
}

// tokenView is a token, without its value.
type tokenView struct {
	ID, Name, Hint, Type, Scope, Maker string
	CreatedAt, LastUsed, ExpiresAt     time.Time
}

// Chip tells the type.
func (t tokenView) Chip() chip {
	if t.Type == string(token.Secret) {
		return chip{"warn", "lock", "Secret"}
	}
	if t.Type == string(token.Personal) {
		return chip{"calm", "fingerprint", "Personal"}
	}
	if t.Type == string(token.Session) {
		return chip{"calm", "terminal", "Command line"}
	}
	return chip{"calm", "eye", "Publishable"}
}

// tokenForm is what was typed about a token.
type tokenForm struct{ Name, Type, Dataset string }

// createdToken is a new token with its value.
type createdToken struct{ Name, Value string }

func (c *Console) tokens(w http.ResponseWriter, v *visit) error {
	return c.showTokens(w, v, http.StatusOK, tokenForm{}, nil, nil)
}

func (c *Console) showTokens(w http.ResponseWriter, v *visit, status int, form tokenForm, created *createdToken, rejection error) error {
	request := paging.Request{Cursor: v.URL.Query().Get("cursor")}
	found, err := c.config.Tokens.List(v.Context(), v.actor, v.workspace, request)
	if err != nil {
		return err
	}
	datasets, err := c.datasetOptions(v)
	if err != nil {
		return err
	}
	p := &tokensPage{shell: c.shell(v, "API tokens", "/tokens"), Form: form, Datasets: datasets, Created: created, Next: nextPage("/tokens", found.Next)}
	p.Problem = viewProblem(rejection)
	for _, t := range found.Items {
		p.Tokens = append(p.Tokens, viewToken(t, datasets))
	}
	c.show(w, v.Request, status, "tokens", p)
	return nil
}

func viewToken(t token.Token, datasets []option) tokenView {
	v := tokenView{ID: t.ID, Name: t.Name, Type: string(t.Kind), CreatedAt: t.CreatedAt, LastUsed: t.UsedAt, Maker: t.MakerName, ExpiresAt: t.ExpiresAt}
	switch t.Kind {
	case token.Secret:
		v.Hint = "sk_…" + t.Tail
	case token.Personal:
		v.Hint = "mk_…" + t.Tail
	case token.Session:
	case token.Publishable:
		v.Hint = "pk_…" + t.Tail
	}
	if t.Kind == token.Session {
		v.Hint, v.Scope = "cs_…"+t.Tail, "What its maker can do"
		return v
	}
	if t.Kind == token.Personal && len(t.Scopes) == 0 {
		v.Scope = "What its maker can do"
		return v
	}
	names := make([]string, len(t.Scopes))
	for n, s := range t.Scopes {
		names[n] = scopeName(s, datasets)
	}
	v.Scope = strings.Join(names, ", ")
	return v
}

// scopeName describes a scope: "read STOCKS".
func scopeName(s access.Scope, datasets []option) string {
	verb := strings.TrimPrefix(string(s.Action), "data.")
	if !s.Named() {
		return verb
	}
	if s.Dataset == "*" {
		return verb + " every dataset"
	}
	for _, d := range datasets {
		if d.Value == s.Dataset {
			return verb + " " + d.Name
		}
	}
	return verb + " " + s.Dataset
}

// tokenCreate mints a token and shows it, once: the answer to the form itself
// has it, so that no address does.
func (c *Console) tokenCreate(w http.ResponseWriter, v *visit) error {
	form := tokenForm{Name: strings.TrimSpace(v.PostFormValue("name")), Type: v.PostFormValue("type"), Dataset: v.PostFormValue("dataset")}
	draft := token.Draft{Kind: token.Kind(form.Type), Name: form.Name}
	if draft.Kind == token.Publishable {
		draft.Scopes = []access.Scope{{Action: access.DataRead, Dataset: form.Dataset}}
	}
	made, text, err := c.config.Tokens.Mint(v.Context(), v.actor, v.workspace, draft)
	if rejected(err) {
		return c.showTokens(w, v, http.StatusUnprocessableEntity, form, nil, err)
	}
	if err != nil {
		return err
	}
	return c.showTokens(w, v, http.StatusOK, tokenForm{}, &createdToken{made.Name, text.Reveal()}, nil)
}
