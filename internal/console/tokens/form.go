package tokens

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/token"
)

// tokenForm has the input for a token. The pages of a new and of an
// existing token share it.
type tokenForm struct {
	Name, Kind string
	Expires    string // one of the choices, "date", or empty: unchanged, or the default
	Date       string // with "date": the last day, UTC
	Verbs      []scopeVerb
	Words      []scopeWord
	Datasets   []page.Option
	Choices    []page.Option // of Expires
	Kinds      []kindView
	Narrow     bool // a personal token: it has scopes
	Limits     []limitField
	// of a publishable token, one per line
	Origins, Referers string
}

// limitField is the input for a limit of a token; empty is none.
type limitField struct{ Name, Title, Value string }

var limitTexts = []limitField{
	{Name: "requests_per_minute", Title: "Requests a minute"},
	{Name: "requests_per_month", Title: "Requests for rows a month"},
	{Name: "rows_per_day", Title: "Rows a day"},
	{Name: "bytes_per_day", Title: "Bytes a day"},
}

// limitOf returns the limit of a field.
func limitOf(l *access.Limits, name string) *int64 {
	switch name {
	case "requests_per_minute":
		return &l.RequestsPerMinute
	case "requests_per_month":
		return &l.RequestsPerMonth
	case "rows_per_day":
		return &l.RowsPerDay
	default:
		return &l.BytesPerDay
	}
}

// limits returns the limits of the form.
func (f *tokenForm) limits() (limits access.Limits, err error) {
	for _, field := range f.Limits {
		if field.Value == "" {
			continue
		}
		n, err := strconv.ParseInt(field.Value, 10, 64)
		if err != nil || n < 1 || n > access.MaxLimit {
			return limits, problem.New(problem.Invalid, "%s must be a whole number from 1 to %d.", field.Title,
				int64(access.MaxLimit)).WithFindings(problem.Finding{
				Path: "limits", Message: field.Title + " must be a whole number. Leave it empty for no limit.",
			})
		}
		*limitOf(&limits, field.Name) = n
	}
	return limits, nil
}

// kindView is a kind of token that can be chosen.
type kindView struct{ Value, Name, Text string }

// scopeVerb is a row of the picker: reading, writing or deleting rows.
type scopeVerb struct {
	Name, Title, Text string
	Reach             string // "", "every" or "named"
	Named             map[string]bool
	Every             bool // "every" can be chosen
}

// scopeWord is a scope without a dataset.
type scopeWord struct {
	Name, Title, Text string
	On                bool
}

// tokenFields has the fields of the form that are kept while someone signs in
// again.
var tokenFields = []string{
	"name", "kind", "expires", "date", "narrow", "scope",
	"read", "write", "delete", "read-dataset", "write-dataset", "delete-dataset", "origins", "referers",
	"requests_per_minute", "requests_per_month", "rows_per_day", "bytes_per_day",
}

var verbTexts = []scopeVerb{
	{Name: "read", Title: "Read rows", Text: "GET of rows."},
	{Name: "write", Title: "Write rows", Text: "Insert and replace rows."},
	{Name: "delete", Title: "Delete rows", Text: "By key or by filter."},
}

var wordTexts = []scopeWord{
	{Name: "query", Title: "Query", Text: "SQL over all datasets."},
	{Name: "load", Title: "Load", Text: "Start, view and cancel loads."},
	{Name: "manage", Title: "Manage", Text: "Settings, sources, integrations and tokens. Can’t read rows."},
	{Name: "audit", Title: "Audit", Text: "Reads the audit and security logs."},
	{Name: "metrics", Title: "Metrics", Text: "Reads the service’s metrics."},
}

// readTokenForm parses the form as posted or kept.
func readTokenForm(posted url.Values) tokenForm {
	f := tokenForm{
		Name: strings.TrimSpace(posted.Get("name")), Kind: posted.Get("kind"), Expires: posted.Get("expires"),
		Date:   page.Day(posted.Get("date")),
		Narrow: posted.Get("narrow") != "", Origins: posted.Get("origins"), Referers: posted.Get("referers"),
	}
	for _, verb := range verbTexts {
		verb.Reach, verb.Named = posted.Get(verb.Name), map[string]bool{}
		for _, id := range posted[verb.Name+"-dataset"] {
			verb.Named[id] = true
		}
		f.Verbs = append(f.Verbs, verb)
	}
	for _, field := range limitTexts {
		field.Value = strings.TrimSpace(posted.Get(field.Name))
		f.Limits = append(f.Limits, field)
	}
	for _, word := range wordTexts {
		word.On = slices.Contains(posted["scope"], word.Name)
		f.Words = append(f.Words, word)
	}
	return f
}

// formOf is the form filled with a token's settings.
func formOf(t *token.Token) tokenForm {
	f := readTokenForm(url.Values{"name": {t.Name}, "kind": {string(t.Kind)}})
	f.Narrow = len(t.Scopes) > 0
	for n := range f.Limits {
		if limit := *limitOf(&t.Limits, f.Limits[n].Name); limit > 0 {
			f.Limits[n].Value = strconv.FormatInt(limit, 10)
		}
	}
	f.Origins, f.Referers = strings.Join(t.AllowedOrigins, "\n"), strings.Join(t.AllowedReferers, "\n")
	for _, s := range t.Scopes {
		for n := range f.Verbs {
			switch verb := &f.Verbs[n]; {
			case string(s.Action) != "data."+verb.Name:
			case s.Dataset == access.Every:
				verb.Reach = "every"
			case verb.Reach != "every":
				verb.Reach, verb.Named[s.Dataset] = "named", true
			}
		}
		for n := range f.Words {
			f.Words[n].On = f.Words[n].On || scopeOf(f.Words[n].Name).Action == s.Action
		}
	}
	return f
}

func scopeOf(word string) access.Scope {
	s, err := access.ParseScope(word)
	if err != nil {
		return access.Scope{}
	}
	return s
}

// complete adds the choices for a maker with this role.
func (f *tokenForm) complete(role access.Role, datasets []page.Option) {
	f.Datasets = datasets
	fits := func(word string) bool { return scopeOf(word).Fits(role) }
	publishable := f.Kind == string(token.Publishable)
	f.Verbs = slices.DeleteFunc(f.Verbs, func(verb scopeVerb) bool { return !fits(verb.Name) })
	for n := range f.Verbs {
		f.Verbs[n].Every = !publishable || f.Verbs[n].Name == "read"
	}
	f.Words = slices.DeleteFunc(f.Words, func(word scopeWord) bool { return publishable || !fits(word.Name) })
	f.Choices = []page.Option{{Value: "30", Name: "30 days"}, {Value: "90", Name: "90 days"}}
	if f.Kind != string(token.Personal) {
		f.Choices = append(f.Choices, page.Option{Value: "365", Name: "1 year"},
			page.Option{Value: "1825", Name: "5 years"})
	}
	if f.Kind == string(token.Publishable) || f.Kind == string(token.Secret) && role == access.Owner {
		f.Choices = append(f.Choices, page.Option{Value: "never", Name: "Never"})
	}
	f.Choices = append(f.Choices, page.Option{Value: "date", Name: "On a date…"})
}

// pages returns the origins and the referers of the form; both are nil for other
// kinds than publishable.
func (f *tokenForm) pages() (origins, referers []string) {
	if f.Kind != string(token.Publishable) {
		return nil, nil
	}
	return strings.Fields(f.Origins), strings.Fields(f.Referers)
}

// scopes returns the scopes that the form names.
func (f *tokenForm) scopes() []access.Scope {
	scopes := []access.Scope{}
	if f.Kind == string(token.Personal) && !f.Narrow {
		return scopes
	}
	for _, verb := range f.Verbs {
		action := access.Action("data." + verb.Name)
		switch verb.Reach {
		case "every":
			scopes = append(scopes, access.Scope{Action: action, Dataset: access.Every})
		case "named":
			for _, id := range slices.Sorted(keysOf(verb.Named)) {
				scopes = append(scopes, access.Scope{Action: action, Dataset: id})
			}
		}
	}
	if f.Kind == string(token.Publishable) { // its form has no such scopes
		return scopes
	}
	for _, word := range f.Words {
		if word.On {
			scopes = append(scopes, scopeOf(word.Name))
		}
	}
	return scopes
}

// expiry returns when the token expires; never is true if it doesn't. given is
// false if the form doesn't change it.
func (f *tokenForm) expiry(now time.Time) (at time.Time, never, given bool, err error) {
	switch f.Expires {
	case "":
		return time.Time{}, false, false, nil
	case "never":
		return time.Time{}, true, true, nil
	case "30", "90", "365", "1825":
		days := map[string]int{"30": 30, "90": 90, "365": 365, "1825": 1825}[f.Expires]
		return now.Add(time.Duration(days) * 24 * time.Hour), false, true, nil
	}
	day, err := time.Parse(time.DateOnly, f.Date)
	if err != nil {
		return time.Time{}, false, false, problem.New(problem.Invalid, "Choose the day when the token expires.").
			WithFindings(problem.Finding{Path: "expires_at", Message: "Choose a day."})
	}
	return day.Add(24 * time.Hour), false, true, nil
}
