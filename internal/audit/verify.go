package audit

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Report is the result of verifying a chain.
type Report struct {
	Entries int64  `json:"entries"` // number of the last valid entry
	Head    Head   `json:"head"`    // of these entries; note it down to prove later that nothing was removed
	Break   *Break `json:"break"`   // nil if the whole chain is valid
	// Start is the head before the entries that were read, if they don't
	// begin with the chain's first entry.
	Start Head `json:"start,omitzero"`
	// Missing has the archive files that weren't in the folder, so that their
	// entries weren't read.
	Missing []string `json:"missing,omitempty"`
}

// Break is the first entry that isn't valid.
type Break struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"` // one sentence
}

// Verify verifies a workspace's chain: the entries in archive files, and then
// the rest. With an anchor, which is the head of an earlier verification, it
// also proves that the chain still contains the anchor: someone who can write to
// the database can create a new chain, but not one with an old head. If the
// anchor is in a missing file, the error is a problem with code conflict.
func (s *Service) Verify(ctx context.Context, actor access.Actor, workspace string, anchor Head) (Report, error) {
	if err := s.check(ctx, actor, access.AuditVerify, workspace); err != nil {
		return Report{}, err
	}
	head, err := s.store.AuditHead(ctx, workspace)
	if err != nil {
		return Report{}, err
	}
	w := walk{workspace: workspace, anchor: anchor}
	missing, err := s.verifyArchives(ctx, &w)
	if err != nil {
		return Report{}, err
	}
	for w.head.Seq < head.Seq && w.found == nil {
		blocks, err := s.store.AuditForward(ctx, workspace, w.head.Seq, walkBlocks)
		if err != nil {
			return Report{}, err
		}
		w.blocks(blocks)
	}
	report := w.report()
	report.Missing = missing
	return report, nil
}

func (s *Service) verifyArchives(ctx context.Context, w *walk) (missing []string, err error) {
	archives, err := s.store.AuditArchives(ctx, w.workspace)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(archives) && w.found == nil; i++ {
		a := &archives[i]
		gone, err := w.archive(s.archives, a)
		if err != nil {
			return nil, err
		}
		if !gone {
			continue
		}
		missing = append(missing, filepath.ToSlash(a.File))
		if w.anchor.Seq > a.Before.Seq && w.anchor.Seq <= a.Head.Seq && w.anchor != a.Head {
			return nil, problem.New(problem.Conflict, "Entry %d, the given head, is in the archive file %s, which "+
				"is missing.",
				w.anchor.Seq, filepath.ToSlash(a.File)).
				WithHint("Restore the file to the archive folder, or use a later head.")
		}
	}
	return missing, nil
}

// VerifyExport walks a chain that [Service.Export] wrote.
func VerifyExport(r io.Reader, anchor Head) (Report, error) {
	return VerifyFiles([]io.Reader{r}, anchor)
}

// VerifyFiles verifies a chain in files, in order: archive files, plain or
// compressed, and an export. Each continues the previous one.
func VerifyFiles(files []io.Reader, anchor Head) (Report, error) {
	w := walk{anchor: anchor}
	var start Head
	for i, r := range files {
		if err := w.file(r); err != nil {
			return Report{}, err
		}
		if i == 0 {
			start = w.start
		}
	}
	report := w.report()
	report.Start = start
	return report, nil
}

// ReadExport walks a chain that [Service.Export] wrote, and visits its valid entries in
// order.
func ReadExport(r io.Reader, anchor Head, visit func(*Entry)) (Report, error) {
	w := walk{anchor: anchor, visit: visit}
	if err := w.file(r); err != nil {
		return Report{}, err
	}
	report := w.report()
	report.Start = w.start
	return report, nil
}

// walk reads a chain while its entries are valid.
type walk struct {
	workspace string
	anchor    Head
	head      Head // of what holds
	start     Head // of the entries before the last file that was read
	begun     bool // something was read
	found     *Break
	visit     func(*Entry) // optional
}

// file walks the entries of a file. One that breaks off is a break, too.
func (w *walk) file(r io.Reader) error {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		zip, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("reading the file: %w", err)
		}
		in = bufio.NewReader(zip)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan() && w.found == nil; n++ {
		if n == 0 && w.fileHead(lines.Bytes()) {
			continue
		}
		w.line(lines.Bytes())
	}
	if err := lines.Err(); err != nil && w.found == nil {
		w.broken("The entry can't be read: " + err.Error() + ".")
	}
	return nil
}

// fileHead reads the first line of a file, if it is its head.
func (w *walk) fileHead(line []byte) bool {
	var head fileHead
	if json.Unmarshal(line, &head) != nil || head.Format == "" {
		return false
	}
	switch {
	case head.Format != archiveFormat:
		w.broken("The file has a format that this release doesn't know.")
	case !w.begun && w.workspace == "" && w.head.Seq == 0:
		w.workspace, w.head = head.Workspace, head.After
	case head.After != w.head || head.Workspace != w.workspace:
		w.broken(fmt.Sprintf("The entry is missing; the file begins with entry %d.", head.After.Seq+1))
	}
	w.start, w.begun = head.After, true
	return true
}

func (w *walk) line(line []byte) {
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		w.broken("The entry can't be read: " + err.Error() + ".")
		return
	}
	if !w.begun && w.workspace == "" {
		w.workspace = e.Workspace
	}
	w.begun = true
	w.entry(&e)
}

func (w *walk) report() Report {
	if w.found == nil && w.head.Seq < w.anchor.Seq {
		w.broken("It is missing, as are all entries up to the given head.")
	}
	return Report{Entries: w.head.Seq, Head: w.head, Break: w.found}
}

func (w *walk) broken(reason string) { w.found = &Break{Seq: w.head.Seq + 1, Reason: reason} }

func (w *walk) blocks(blocks []Block) {
	if len(blocks) == 0 {
		w.broken("It is missing, as are all entries up to the end.")
	}
	for i := 0; i < len(blocks) && w.found == nil; i++ {
		entries, err := blocks[i].Entries()
		for j := 0; j < len(entries) && w.found == nil; j++ {
			if entries[j].isRead() != blocks[i].Reads {
				w.broken("It isn't stored where entries of its kind belong.")
				return
			}
			w.entry(&entries[j])
		}
		if err != nil && w.found == nil {
			w.broken("The entry is missing or can't be read.")
		}
	}
}

func (w *walk) entry(e *Entry) {
	next := w.head.after(e)
	switch {
	case e.Seq != next.Seq:
		w.broken(fmt.Sprintf("The entry is missing; entry %d follows.", e.Seq))
	case e.Workspace != w.workspace:
		w.broken("The entry belongs to another workspace.")
	case e.Hash != next.Hash:
		w.broken("The entry or its hash was changed: they don't match.")
	case e.Seq == w.anchor.Seq && e.Hash != w.anchor.Hash:
		w.broken("This or an earlier entry was rewritten: the hash isn't the recorded one.")
	default:
		w.head = next
		if w.visit != nil {
			w.visit(e)
		}
	}
}
