package audit

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Block is a stored run of entries. It is one row, because a row for each entry
// takes ten times as long to commit.
type Block struct {
	Workspace   string
	First, Last int64 // numbers of its first and last entry
	Reads       bool  // all entries record reads of data; else none does
	Since       time.Time
	Until       time.Time // of its earliest and its latest entry
	Hash        string    // of its last entry
	Lines       string    // a line for each entry: 64 hexadecimal digits of its hash, a space, its JSON
}

// block returns a block of one or more drafts, and the head after it.
func block(workspace string, head Head, drafts []Draft) (Block, Head) {
	b := Block{
		Workspace: workspace, First: head.Seq + 1, Reads: drafts[0].read, Since: drafts[0].time,
		Until: drafts[0].time,
	}
	var lines strings.Builder
	for _, d := range drafts {
		head = head.next(d.content)
		if d.time.Before(b.Since) {
			b.Since = d.time
		}
		if d.time.After(b.Until) {
			b.Until = d.time
		}
		lines.WriteString(head.Hash + " ")
		lines.Write(d.line)
		lines.WriteByte('\n')
	}
	b.Last, b.Hash, b.Lines = head.Seq, head.Hash, lines.String()
	return b, head
}

// Entries returns the entries of the block. If a line is unreadable, the error
// names the entry, and Entries returns the entries before it.
func (b *Block) Entries() ([]Entry, error) {
	var entries []Entry
	seq := b.First
	for line := range strings.Lines(b.Lines) {
		hash, content, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		e := Entry{}
		if err := json.Unmarshal([]byte(content), &e); err != nil {
			return entries, fmt.Errorf("entry %d cannot be read: %w", seq, err)
		}
		e.Seq, e.Hash = seq, hash
		entries = append(entries, e)
		seq++
	}
	if seq != b.Last+1 {
		return entries, fmt.Errorf("entry %d is missing", seq)
	}
	return entries, nil
}
