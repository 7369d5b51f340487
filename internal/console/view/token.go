package view

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/token"
)

// Token is a token, without its text.
type Token struct {
	ID, Name, Hint, Type, Scope, Maker string
	CreatedAt, LastUsed, ExpiresAt     time.Time
	Parent                             string // ID of the token that created it
	State                              string // "active", "unused", "expiring" or "expired"
	MayRead, MayChange, MayAdopt       bool
}

// Chip shows the kind.
func (t Token) Chip() page.Chip {
	switch token.Kind(t.Type) {
	case token.Secret:
		return page.Chip{Tone: "warn", Icon: "lock", Label: "Secret"}
	case token.Personal:
		return page.Chip{Tone: "calm", Icon: "fingerprint", Label: "Personal"}
	case token.Session:
		return page.Chip{Tone: "calm", Icon: "terminal", Label: "Command line"}
	case token.Publishable:
		return page.Chip{Tone: "calm", Icon: "eye", Label: "Publishable"}
	default:
		return page.Chip{Tone: "", Icon: "circle-question-mark", Label: t.Type}
	}
}

// StateChip shows the state.
func (t Token) StateChip() page.Chip {
	switch t.State {
	case "expired":
		return page.Chip{Tone: "", Icon: "clock", Label: "Expired"}
	case "expiring":
		return page.Chip{Tone: "warn", Icon: "hourglass", Label: "Expiring"}
	case "unused":
		return page.Chip{Tone: "", Icon: "circle-dashed", Label: "Unused"}
	default:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Active"}
	}
}

// CreatedToken is a new token with its text.
type CreatedToken struct{ Name, Value string }

// expiringFor is how long before its expiry a token is shown as expiring.
const expiringFor = 14 * 24 * time.Hour

// TokenOf is a token as pages show it; datasets name those of its scopes.
func TokenOf(s *shell.Shell, v *shell.Visit, t *token.Token, datasets []page.Option) Token {
	prefix := map[token.Kind]string{
		token.Secret: "sk_…", token.Personal: "mk_…", token.Session: "cs_…",
		token.Publishable: "pk_…",
	}
	view := Token{
		ID: t.ID, Name: t.Name, Type: string(t.Kind), Hint: prefix[t.Kind] + t.Tail, Scope: scopeNames(t, datasets),
		CreatedAt: t.CreatedAt, LastUsed: t.UsedAt, Maker: t.MakerName, ExpiresAt: t.ExpiresAt, Parent: t.Parent,
		State: "active",
	}
	switch now := s.Now(); {
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		view.State = "expired"
	case !t.ExpiresAt.IsZero() && t.Kind != token.Session && now.After(t.ExpiresAt.Add(-expiringFor)):
		view.State = "expiring"
	case t.UsedAt.IsZero():
		view.State = "unused"
	}
	resource := access.Resource{Kind: "token", ID: t.ID, Maker: t.Maker, Role: s.RoleOf(v, t.Maker)}
	view.MayChange = t.Kind != token.Session && shell.Offers(v, access.TokenUpdate, resource)
	fits := !slices.ContainsFunc(t.Scopes, func(s access.Scope) bool { return !s.Fits(v.Actor.Role) })
	view.MayAdopt = (t.Kind == token.Secret || t.Kind == token.Publishable) && t.Maker != v.Actor.Member && fits &&
		shell.Offers(v, access.TokenAdopt, resource)
	return view
}

// scopeNames describes what a token can do: "read STOCKS, load".
func scopeNames(t *token.Token, datasets []page.Option) string {
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
func scopeName(s access.Scope, datasets []page.Option) string {
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
