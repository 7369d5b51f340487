package sources

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// feedView is a feed of a source as its page shows it.
type feedView struct {
	ID, Dataset, Path string
}

// feedPage edits how a source is loaded into a dataset.
type feedPage struct {
	page.Frame
	Source   sourceView
	Feed     feedView
	Sections []section
}

// feedNames are the names of a feed's settings in the form.
var feedNames = namesOf(columnFields, feedFields, driftFields)

// feedsOf returns the feeds of a source.
func (h *Handlers) feedsOf(v *shell.Visit, src *sourceView) ([]feedView, error) {
	found, err := h.Feeds.List(v.Context(), v.Actor, v.Workspace, feed.Filter{SourceID: src.ID},
		paging.Request{Limit: paging.MaxLimit})
	var views []feedView
	for i := range found.Items {
		views = append(views, viewFeed(src, &found.Items[i]))
	}
	return views, err
}

func viewFeed(src *sourceView, f *feed.Feed) feedView {
	return feedView{ID: f.ID, Dataset: f.Dataset, Path: src.Path() + "/feeds/" + url.PathEscape(f.ID)}
}

// feedOf finds the feed that the path names.
func (h *Handlers) feedOf(v *shell.Visit) (sourceView, feed.Feed, error) {
	src, _, err := h.sourceOf(v)
	if err != nil {
		return sourceView{}, feed.Feed{}, err
	}
	found, err := h.Feeds.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("feed"))
	if err == nil && found.SourceID != src.ID {
		err = problem.New(problem.NotFound, "The source %q has no feed %s.", src.Name, found.ID)
	}
	return src, found, err
}

func (h *Handlers) feedEdit(w http.ResponseWriter, v *shell.Visit) error {
	src, found, err := h.feedOf(v)
	if err != nil {
		return err
	}
	values := feedValues(&found.Settings)
	if v.Draft != nil {
		values = typed(v.Draft, feedNames)
	}
	h.showFeed(w, v, http.StatusOK, &src, &found, values, nil)
	return nil
}

func (h *Handlers) showFeed(w http.ResponseWriter, v *shell.Visit, status int, src *sourceView, found *feed.Feed,
	values url.Values, rejection error,
) {
	p := &feedPage{
		Frame: h.Frame(v, "Loading into "+found.Dataset, "/sources/data", page.Crumb{Name: "Sources"},
			page.Crumb{Name: "Data sources", Path: "/sources/data"}, page.Crumb{Name: src.Name, Path: src.Path()},
			page.Crumb{Name: found.Dataset}),
		Source: *src, Feed: viewFeed(src, found),
	}
	p.Problem = page.ProblemOf(rejection)
	if p.Problem != nil {
		p.Problem.Relabel(feedPath)
	}
	p.sections(values)
	h.Show(w, v.Request, status, "sources/feed", p)
}

func (p *feedPage) sections(values url.Values) {
	for _, s := range []struct {
		title, hint string
		fields      []field
	}{
		{"Loading", "How objects and rows are loaded.", feedFields},
		{"Columns", "Which columns the rows have.", columnFields},
		{"Schema drift", "When objects differ from the dataset’s schema.", driftFields},
	} {
		made := newSection(s.title, s.hint, s.fields, values, values, p.Problem)
		made.Open = true
		p.Sections = append(p.Sections, made)
	}
}

func (h *Handlers) feedUpdate(w http.ResponseWriter, v *shell.Visit) error {
	src, found, err := h.feedOf(v)
	if err != nil {
		return err
	}
	values := typed(v.PostForm, feedNames)
	r := reading{values: values}
	change := r.feedChange()
	if err = r.err("feed"); err == nil {
		_, err = h.Feeds.Update(v.Context(), v.Actor, v.Workspace, found.ID, 0, change)
	}
	if shell.Rejected(err) {
		h.showFeed(w, v, http.StatusUnprocessableEntity, &src, &found, values, err)
		return nil
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, src.Path()+"?done=source-saved")
	return nil
}
