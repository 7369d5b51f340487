package alter

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
)

// making is a running change.
type making struct {
	*Service
	actor   access.Actor
	dataset *dataset.Dataset
	order   *Order
	plan    *Plan
	report  *Report
}

func (m *making) commit(ctx context.Context, stored engine.Alteration) error {
	now := m.config.Now()
	after := m.plan.After
	after.Layout = m.dataset.Version + 1
	m.report.Version, m.report.Change = m.dataset.Version+1, id.New("chg", now)
	saved := &Saved{
		Change: Change{
			ID: m.report.Change, Workspace: m.dataset.Workspace, DatasetID: m.dataset.ID, Version: m.report.Version,
			Apply: m.order.Apply, Operations: m.order.Operations, By: m.actor.ID, At: now,
		},
		Dataset: m.dataset.Name, From: m.dataset.Version, Schema: after, Evidence: m.plan.evidence,
		ByReason: map[dataset.RejectCode]int64{},
	}
	if m.report.Rejected > 0 {
		saved.LoadID = id.New("load", now)
		m.report.Load = saved.LoadID
	}
	saved.Report = *m.report
	saved.Report.Operations = slices.Clone(saved.Report.Operations)
	for i := range saved.Report.Operations { // values that were removed must not be kept here
		saved.Report.Operations[i].Samples = []Sample{}
	}
	change := &engine.Altered{LoadID: saved.LoadID, After: after, Time: now, Kept: m.config.Rejects.Rejects()}
	if m.plan.copies(m.report) {
		copying, err := m.plan.copyAll(m.report.Rejected > 0, saved.ByReason)
		if err != nil {
			return err
		}
		change.Copy = copying
	}
	_, err := stored.Commit(ctx, change, func(ctx context.Context, tx engine.Tx, _ engine.Committed) error {
		saved.NotKept = change.Kept.NotKept
		return m.config.Store.SaveSchemaChange(ctx, tx, saved)
	})
	return err
}

// copyAll returns the instructions for copying all columns.
func (p *Plan) copyAll(rejects bool, byReason map[dataset.RejectCode]int64) (*engine.Copy, error) {
	r, err := p.rows(p.columns, rejects)
	if err != nil {
		return nil, err
	}
	return &engine.Copy{
		Columns: r.names, Schema: r.schema(), Keep: p.keep,
		Convert: func(batch *dataset.Batch) (engine.Converted, error) {
			made := r.convert(batch)
			for i := range made.Rejected {
				byReason[made.Rejected[i].Code]++
			}
			return made, nil
		},
	}, nil
}

// evidence returns the evidence from the values, under the column names after
// the change. It drops the evidence of converted and declared columns.
func (p *Plan) evidence(content []byte) ([]byte, error) {
	if len(content) == 0 {
		return nil, nil
	}
	var known map[string]json.RawMessage
	if err := json.Unmarshal(content, &known); err != nil {
		return nil, fmt.Errorf("reading the evidence of a dataset: %w", err)
	}
	kept := map[string]json.RawMessage{}
	for _, c := range p.columns {
		if c.from < 0 || c.Declared || c.convert != nil && c.set >= 0 {
			continue
		}
		if e, ok := known[p.Before.Columns[c.from].Name]; ok {
			kept[c.Name] = e
		}
	}
	return json.Marshal(kept)
}

// losses describes the data that the change loses.
func (r *Report) losses() string {
	var rounds int64
	for i := range r.Operations {
		rounds += r.Operations[i].Rounds
	}
	var parts []string
	if r.Rejected > 0 {
		parts = append(parts, counted(r.Rejected, "row is rejected", "rows are rejected"))
	}
	if rounds > 0 {
		parts = append(parts, counted(rounds, "value is rounded", "values are rounded"))
	}
	return joined(slices.Clip(parts))
}

func joined(parts []string) string {
	if len(parts) == 2 {
		return parts[0] + " and " + parts[1]
	}
	return parts[0]
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
