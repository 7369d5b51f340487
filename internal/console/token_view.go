package console

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenView is a token, without its text.
type tokenView struct {
	ID, Name, Hint, Type, Scope, Maker string
	CreatedAt, LastUsed, ExpiresAt     time.Time
	Parent                             string // ID of the token that created it
	State                              string // "active", "unused", "expiring" or "expired"
	MayRead, MayChange, MayAdopt       bool
}

// Chip shows the kind.
func (t tokenView) Chip() chip {
	switch token.Kind(t.Type) {
	case token.Secret:
		return chip{"warn", "lock", "Secret"}
	case token.Personal:
		return chip{"calm", "fingerprint", "Personal"}
	case token.Session:
		return chip{"calm", "terminal", "Command line"}
	case token.Publishable:
		return chip{"calm", "eye", "Publishable"}
	default:
		return chip{"", "circle-question-mark", t.Type}
	}
}

// StateChip shows the state.
func (t tokenView) StateChip() chip {
	switch t.State {
	case "expired":
		return chip{"", "clock", "Expired"}
	case "expiring":
		return chip{"warn", "hourglass", "Expiring"}
	case "unused":
		return chip{"", "circle-dashed", "Unused"}
	default:
		return chip{"good", "circle-check", "Active"}
	}
}

// createdToken is a new token with its text.
type createdToken struct{ Name, Value string }

// expiringFor is how long before its end a token is shown as expiring.
const expiringFor = 14 * 24 * time.Hour

// viewToken is a token as pages show it; datasets name those of its scopes.
func viewToken(c *Console, v *visit, t *token.Token, datasets []option) tokenView {
	prefix := map[token.Kind]string{
		token.Secret: "sk_…", token.Personal: "mk_…", token.Session: "cs_…",
		token.Publishable: "pk_…",
	}
	view := tokenView{
		ID: t.ID, Name: t.Name, Type: string(t.Kind), Hint: prefix[t.Kind] + t.Tail, Scope: scopeNames(t, datasets),
		CreatedAt: t.CreatedAt, LastUsed: t.UsedAt, Maker: t.MakerName, ExpiresAt: t.ExpiresAt, Parent: t.Parent,
		State: "active",
	}
	switch now := c.now(); {
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		view.State = "expired"
	case !t.ExpiresAt.IsZero() && t.Kind != token.Session && now.After(t.ExpiresAt.Add(-expiringFor)):
		view.State = "expiring"
	case t.UsedAt.IsZero():
		view.State = "unused"
	}
	resource := access.Resource{Kind: "token", ID: t.ID, Maker: t.Maker, Role: c.roleOf(v, t.Maker)}
	view.MayChange = t.Kind != token.Session && offers(v, access.TokenUpdate, resource)
	fits := !slices.ContainsFunc(t.Scopes, func(s access.Scope) bool { return !s.Fits(v.actor.Role) })
	view.MayAdopt = (t.Kind == token.Secret || t.Kind == token.Publishable) && t.Maker != v.actor.Member && fits &&
		offers(v, access.TokenAdopt, resource)
	return view
}

// scopeNames describes what a token can do: "read STOCKS, load".
func scopeNames(t *token.Token, datasets []option) string {
	if t.Kind == token.Session || t.Kind == token.Personal && len(t.Scopes) == 0 {
		return "What its maker can do"
	}
	names := make([]string, len(t.Scopes))
	for n, s := range t.Scopes {
		names[n] = scopeName(s, datasets)
	}
	return strings.Join(names, ", ")
}

// scopeName describes a scope: "read STOCKS".
func scopeName(s access.Scope, datasets []option) string {
	verb := strings.TrimPrefix(string(s.Action), "data.")
	if !s.Named() {
		return verb
	}
	if s.Dataset == access.Every {
		return verb + " every dataset"
	}
	for _, d := range datasets {
		if d.Value == s.Dataset {
			return verb + " " + d.Name
		}
	}
	return verb + " " + s.Dataset
}
