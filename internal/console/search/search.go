package search

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/workspace"
)

// searchPage shows what matches.
type searchPage struct {
	page.Frame
	Query  string
	Groups []group
}

// group has the matches of one kind.
type group struct {
	Name string
	Hits []hit
}

// hit is something that can be opened.
type hit struct {
	Icon, Name, Text, Path, id string
	Best                       bool // of all groups
}

// The limits of a search.
const (
	mostHits  = 8 // of a group
	mostQuery = 100
)

// Count returns the number of hits.
func (p *searchPage) Count() (n int) {
	for _, g := range p.Groups {
		n += len(g.Hits)
	}
	return n
}

// search finds what matches the query's "q". A complete ID only finds its own
// object.
func (h *Handlers) search(w http.ResponseWriter, v *shell.Visit) error {
	text := strings.TrimSpace(v.URL.Query().Get("q"))
	p := &searchPage{Frame: h.Frame(v, "Search", ""), Query: clip.To(text, mostQuery)}
	all := []group{{"Actions", actions(v)}, {"Pages", pages(p.Nav)}}
	for _, kind := range []struct {
		name string
		find func(*shell.Visit) ([]hit, error)
	}{
		{"Datasets", h.datasets},
		{"Sources", h.sources},
		{"Loads", h.loads},
		{"Schedules", h.schedules},
		{"Integrations", h.integrations},
		{"Tokens", h.tokens},
		{"Members", h.members},
	} {
		hits, err := kind.find(v)
		if err != nil {
			return err
		}
		all = append(all, group{kind.name, hits})
	}
	p.Groups = matching(all, p.Query)
	h.Show(w, v.Request, http.StatusOK, "search/search", p)
	return nil
}

// matching returns what matches a query, the best matches first.
func matching(all []group, query string) []group {
	var found []group
	for _, g := range all {
		if n := slices.IndexFunc(g.Hits, func(h hit) bool { return h.id != "" && h.id == query }); n >= 0 {
			return []group{{g.Name, g.Hits[n : n+1]}}
		}
		hits := slices.DeleteFunc(slices.Clone(g.Hits), func(h hit) bool { return rank(h.Name, query) == 0 })
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(rank(b.Name, query), rank(a.Name, query)) })
		if len(hits) > 0 {
			found = append(found, group{g.Name, hits[:min(len(hits), mostHits)]})
		}
	}
	markBest(found, query)
	return found
}

// markBest marks the first of the best hits.
func markBest(found []group, query string) {
	var best *hit
	for n := range found {
		if h := &found[n].Hits[0]; query != "" && (best == nil || rank(h.Name, query) > rank(best.Name, query)) {
			best = h
		}
	}
	if best != nil {
		best.Best = true
	}
}

// rank returns how well a name matches: 4 if they are equal, 3 if the name begins
// with the query, 2 if a word of it does, 1 if the name contains the query, 0 if
// it doesn't match.
func rank(name, query string) int {
	name, query = strings.ToLower(name), strings.ToLower(query)
	at := strings.Index(name, query)
	switch {
	case at < 0:
		return 0
	case name == query:
		return 4
	case at == 0:
		return 3
	case !unicode.IsLetter(rune(name[at-1])):
		return 2
	default:
		return 1
	}
}

// actions returns what the member may do from anywhere.
func actions(v *shell.Visit) []hit {
	var found []hit
	for _, n := range shell.News(v) {
		found = append(found, hit{Icon: n.Icon, Name: n.Act, Path: n.Path})
	}
	return append(found,
		hit{Icon: "terminal", Name: "Run a query", Path: "/query"},
		hit{Icon: "play", Name: "Load a source", Path: "/sources/data"},
		hit{Icon: "file-text", Name: "Check a policy", Path: "/policies"},
		hit{Icon: "workflow", Name: "Explain a CI token", Path: "/ci/explain"},
	)
}

// pages returns the pages in the navigation.
func pages(nav page.Nav) []hit {
	var found []hit
	add := func(links []page.NavLink) {
		for _, l := range links {
			found = append(found, hit{Icon: l.Icon, Name: l.Name, Path: l.Path})
		}
	}
	add(nav.Top)
	for _, g := range nav.Groups {
		add(g.Links)
	}
	return append(found, hit{Icon: "bell", Name: "Needs attention", Path: "/attention"},
		hit{Icon: "fingerprint", Name: "Your account", Path: "/account"})
}

var all = paging.Request{Limit: paging.MaxLimit}

func (h *Handlers) datasets(v *shell.Visit) ([]hit, error) {
	found, err := h.Datasets.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for _, d := range found.Items {
		hits = append(hits, hit{Icon: "table-2", Name: d.Name, Text: d.Title, Path: "/datasets/" + d.Name, id: d.ID})
	}
	return hits, err
}

func (h *Handlers) sources(v *shell.Visit) ([]hit, error) {
	found, err := h.Sources.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for _, s := range found.Items {
		hits = append(hits, hit{Icon: "folder-open", Name: s.Name, Path: view.SourcePath(s.ID), id: s.ID})
	}
	return hits, err
}

func (h *Handlers) loads(v *shell.Visit) ([]hit, error) {
	found, err := h.Loads.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for _, l := range found.Items {
		name := "Load into " + l.Dataset
		hits = append(
			hits,
			hit{
				Icon: "layers",
				Name: name,
				Text: l.CreatedAt.UTC().Format("2 Jan 2006, 15:04 UTC"),
				Path: view.LoadPath(l.ID),
				id:   l.ID,
			},
		)
	}
	return hits, err
}

func (h *Handlers) schedules(v *shell.Visit) ([]hit, error) {
	found, err := h.Schedules.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for n := range found.Items {
		s := &found.Items[n]
		hits = append(hits, hit{Icon: "clock", Name: s.Name, Text: s.Dataset, Path: "/schedules/" + s.ID, id: s.ID})
	}
	return hits, err
}

func (h *Handlers) integrations(v *shell.Visit) ([]hit, error) {
	found, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for _, i := range found.Items {
		hits = append(
			hits,
			hit{Icon: "shield-check", Name: i.Name, Text: string(i.State), Path: view.IntegrationPath(i.ID), id: i.ID},
		)
	}
	return hits, err
}

func (h *Handlers) tokens(v *shell.Visit) ([]hit, error) {
	found, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, all)
	var hits []hit
	for _, t := range found.Items {
		hits = append(
			hits,
			hit{Icon: "fingerprint", Name: t.Name, Text: string(t.Kind), Path: "/tokens/" + t.ID, id: t.ID},
		)
	}
	return hits, err
}

func (h *Handlers) members(v *shell.Visit) ([]hit, error) {
	found, err := h.Members.List(v.Context(), v.Actor, v.Workspace, workspace.Filter{}, all)
	var hits []hit
	for n := range found.Items {
		m := &found.Items[n]
		hits = append(
			hits,
			hit{Icon: "user-round", Name: m.Email, Text: string(m.Role), Path: "/members/" + m.ID, id: m.ID},
		)
	}
	return hits, err
}
