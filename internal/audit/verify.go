package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/access"
)

// Report is what a walk along a chain found.
type Report struct {
	Entries int64  `json:"entries"` // that hold, from the first on
	Head    Head   `json:"head"`    // of those; note it down to prove later that nothing was cut off
	Break   *Break `json:"break"`   // nil when the whole chain holds
}

// Break is the first entry that does not hold.
type Break struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"` // one sentence
}

// Verify walks a workspace's chain. With an anchor, the head of an earlier walk,
// it also proves that the chain still goes through it: who can write the database
// can make a new chain, but not one with an old head.
func (s *Service) Verify(ctx context.Context, actor access.Actor, workspace string, anchor Head) (Report, error) {
	if err := s.check(ctx, actor, access.AuditVerify, workspace); err != nil {
		return Report{}, err
	}
	head, err := s.store.AuditHead(ctx, workspace)
	if err != nil {
		return Report{}, err
	}
	w := walk{workspace: workspace, anchor: anchor}
	for w.head.Seq < head.Seq && w.found == nil {
		blocks, err := s.store.AuditForward(ctx, workspace, w.head.Seq, walkBlocks)
		if err != nil {
			return Report{}, err
		}
		w.blocks(blocks)
	}
	return w.report(), nil
}

// VerifyExport walks a chain that [Service.Export] wrote. The file must begin
// with the first entry.
func VerifyExport(r io.Reader, anchor Head) (Report, error) {
	w := walk{anchor: anchor}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && w.found == nil {
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			w.broken("It cannot be read: " + err.Error() + ".")
			break
		}
		if w.head.Seq == 0 {
			w.workspace = e.Workspace
		}
		w.entry(&e)
	}
	if err := lines.Err(); err != nil {
		return Report{}, fmt.Errorf("reading the export: %w", err)
	}
	return w.report(), nil
}

// walk goes along a chain as long as it holds.
type walk struct {
	workspace string
	anchor    Head
	head      Head // of what holds
	found     *Break
}

func (w *walk) report() Report {
	if w.found == nil && w.head.Seq < w.anchor.Seq {
		w.broken("It is missing, and with it all up to the noted head.")
	}
	return Report{Entries: w.head.Seq, Head: w.head, Break: w.found}
}

func (w *walk) broken(reason string) { w.found = &Break{Seq: w.head.Seq + 1, Reason: reason} }

func (w *walk) blocks(blocks []Block) {
	if len(blocks) == 0 {
		w.broken("It is missing, and with it all up to the end.")
	}
	for i := 0; i < len(blocks) && w.found == nil; i++ {
		entries, err := blocks[i].Entries()
		for j := 0; j < len(entries) && w.found == nil; j++ {
			if entries[j].isRead() != blocks[i].Reads {
				w.broken("It is not where entries of its kind are kept.")
				return
			}
			w.entry(&entries[j])
		}
		if err != nil && w.found == nil {
			w.broken("It cannot be read, or is missing.")
		}
	}
}

func (w *walk) entry(e *Entry) {
	next := w.head.after(e)
	switch {
	case e.Seq != next.Seq:
		w.broken(fmt.Sprintf("It is missing; entry %d follows.", e.Seq))
	case e.Workspace != w.workspace:
		w.broken("It belongs to another workspace.")
	case e.Hash != next.Hash:
		w.broken("It, or its hash, was changed: what it says does not match its hash.")
	case e.Seq == w.anchor.Seq && e.Hash != w.anchor.Hash:
		w.broken("It, or one before it, was made again: its hash is not the one that was noted.")
	default:
		w.head = next
	}
}
