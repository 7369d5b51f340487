package engine

import "github.com/windlass-io/windlass/internal/dataset"

// RejectBudget bounds the rejected rows that a load keeps; further ones are only
// counted. A zero field means its default.
type RejectBudget struct {
	Rows  int64 // default 100,000
	Bytes int64 // of their keys, columns, values and reasons; default 256 MiB
}

// The defaults of [RejectBudget].
const (
	DefaultRejectRows  = 100_000
	DefaultRejectBytes = 256 << 20
)

// Rejects returns what a load has of the budget at its start.
func (b RejectBudget) Rejects() *KeptRejects {
	if b.Rows == 0 {
		b.Rows = DefaultRejectRows
	}
	if b.Bytes == 0 {
		b.Bytes = DefaultRejectBytes
	}
	return &KeptRejects{left: b}
}

// KeptRejects counts which rejected rows a load keeps. It is used by one
// goroutine.
type KeptRejects struct {
	left    RejectBudget
	NotKept int64
	full    bool
}

// Keep returns the rows that fit. From the first that doesn't, none is kept, so
// that those of a load are always the first ones.
func (k *KeptRejects) Keep(rows []dataset.Rejected) []dataset.Rejected {
	n := 0
	for ; n < len(rows) && !k.full; n++ {
		r := &rows[n]
		size := int64(len(r.Object) + len(r.Column) + len(r.Value) + len(r.Reason))
		if row := int64(len(r.Raw)); k.left.Bytes < size+row {
			r.Raw = "" // the reason is worth more than the record
		} else {
			size += row
		}
		if k.left.Rows < 1 || k.left.Bytes < size {
			k.full = true
			break
		}
		k.left.Rows--
		k.left.Bytes -= size
	}
	k.NotKept += int64(len(rows) - n)
	return rows[:n]
}
