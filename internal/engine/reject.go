package engine

import "github.com/windlass-io/windlass/internal/dataset"

// RejectBudget limits the rejected rows that a load keeps. Further ones are only
// counted. Zero fields have their defaults.
type RejectBudget struct {
	Rows  int64 // default 100,000
	Bytes int64 // of their keys, columns, values and reasons; default 256 MiB
}

// The defaults of [RejectBudget].
const (
	DefaultRejectRows  = 100_000
	DefaultRejectBytes = 256 << 20
)

// Rejects returns a load's unused budget.
func (b RejectBudget) Rejects() *KeptRejects {
	if b.Rows == 0 {
		b.Rows = DefaultRejectRows
	}
	if b.Bytes == 0 {
		b.Bytes = DefaultRejectBytes
	}
	return &KeptRejects{left: b}
}

// KeptRejects tracks how much of its [RejectBudget] a load has used. Use it
// from one goroutine.
type KeptRejects struct {
	left    RejectBudget
	NotKept int64
	full    bool
}

// Keep returns the rows that fit. Once a row doesn't fit, Keep returns no more
// rows, so a load always keeps its first ones.
func (k *KeptRejects) Keep(rows []dataset.Rejected) []dataset.Rejected {
	n := 0
	for ; n < len(rows) && !k.full; n++ {
		r := &rows[n]
		size := int64(len(r.Object) + len(r.Column) + len(r.Value) + len(r.Reason))
		if row := int64(len(r.Raw)); k.left.Bytes < size+row {
			r.Raw = "" // keep the reason instead of the record
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
