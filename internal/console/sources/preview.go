package sources

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/source"
)

// maxPreviewRejected limits the rejected rows in a preview.
const maxPreviewRejected = 5

// previewDraft asks the bucket what a source that isn't saved would load.
func (h *Handlers) previewDraft(v *shell.Visit, draft *pipeline.Draft) (*previewView, error) {
	settings := feed.Defaults()
	settings.Apply(&draft.Feed)
	if err := settings.Check("preview"); err != nil {
		return nil, err
	}
	seen, listed, err := h.Sources.PreviewUnsaved(v.Context(), v.Actor, v.Workspace, draft.Source, &settings.Columns)
	if err != nil && (!shell.Rejected(err) || len(listed.Items) == 0) {
		return nil, err
	}
	p := &previewView{More: listed.More, Match: listed.Matched, Of: listed.Listed}
	for _, o := range listed.Items {
		p.Objects = append(p.Objects, viewObject(o))
	}
	if err != nil {
		p.Unread = page.ProblemOf(err).Text()
		return p, nil
	}
	p.addRows(&seen)
	return p, nil
}

// addRows adds what the oldest object has.
func (p *previewView) addRows(seen *source.Preview) {
	if seen.Object.Key == "" {
		return
	}
	p.Sampled, p.Notes, p.Index = seen.Object.Key, seen.Notes, seen.Schema.Index.Reason
	for _, c := range seen.Schema.Columns {
		p.Columns = append(p.Columns, view.Column{Name: c.Name, Type: c.TypeName(), Format: c.Format})
	}
	for _, row := range seen.Rows {
		texts := make([]string, len(row))
		for i, value := range row {
			texts[i] = previewText(value)
		}
		p.Rows = append(p.Rows, texts)
	}
	for _, r := range seen.Rejected[:min(len(seen.Rejected), maxPreviewRejected)] {
		p.Rejected = append(p.Rejected, fmt.Sprintf("Line %d: %s", r.Line, load.ErrorText(r)))
	}
	for _, name := range slices.Sorted(maps.Keys(seen.Dialect)) {
		if s := seen.Dialect[name]; s.From == "inferred" && s.Value != nil {
			p.Settings = append(p.Settings, settingView{strings.ReplaceAll(name, "_", " "), settingText(s.Value)})
		}
	}
}

// settingText returns the value of a setting as it is typed.
func settingText(value any) string {
	text := previewText(value)
	if text == "" {
		return none
	}
	return strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
}

// previewText returns a value as a cell shows it.
func previewText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case json.RawMessage:
		return string(value)
	case string:
		return value
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
