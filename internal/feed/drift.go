package feed

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
)

// Drift defines what happens when objects differ from the schema of the dataset.
type Drift struct {
	New     OnNew     `json:"new"`
	Missing OnMissing `json:"missing"`
	Changed OnChanged `json:"changed"`
}

// OnNew defines what happens to a column that the dataset doesn't have.
type OnNew string

// The ways to treat a new column.
const (
	AddColumn  OnNew = "add"
	NoteColumn OnNew = "note" // it is ignored, and a note names it
	FailOnNew  OnNew = "fail"
)

// OnMissing defines what happens to a column that an object doesn't have.
type OnMissing string

// The ways to treat a missing column.
const (
	NullValue     OnMissing = "null"
	FailOnMissing OnMissing = "fail"
)

// OnChanged defines what happens to values that don't fit a guessed column.
type OnChanged string

// The ways to treat changed values.
const (
	WidenColumn   OnChanged = "widen"
	RejectRow     OnChanged = "reject"
	FailOnChanged OnChanged = "fail"
)

// DriftChange changes what happens on drift. A nil field doesn't change.
type DriftChange struct {
	New     *OnNew
	Missing *OnMissing
	Changed *OnChanged
}

func (d *Drift) apply(c *DriftChange) {
	patch.Set(&d.New, c.New)
	patch.Set(&d.Missing, c.Missing)
	patch.Set(&d.Changed, c.Changed)
}

func (d *Drift) check() []problem.Finding {
	var findings []problem.Finding
	for _, setting := range []struct {
		path, value string
		allowed     []string
	}{
		{"drift.new", string(d.New), []string{string(AddColumn), string(NoteColumn), string(FailOnNew)}},
		{"drift.missing", string(d.Missing), []string{string(NullValue), string(FailOnMissing)}},
		{"drift.changed", string(d.Changed), []string{string(WidenColumn), string(RejectRow), string(FailOnChanged)}},
	} {
		if !slices.Contains(setting.allowed, setting.value) {
			last := len(setting.allowed) - 1
			findings = append(findings, problem.Finding{
				Path:    setting.path,
				Message: "must be " + strings.Join(setting.allowed[:last], ", ") + " or " + setting.allowed[last],
			})
		}
	}
	return findings
}
