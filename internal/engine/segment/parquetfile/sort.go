package parquetfile

import "slices"

// Sort sorts the rows by key, subkey and date; rows with the same index stay
// in the order in which they came. Append starts over.
func (r *Run) Sort() {
	r.order = make([]uint32, len(r.seqs))
	for i := range r.order {
		r.order[i] = uint32(i)
	}
	parts := r.spec.parts()
	if len(parts) == 0 {
		return
	}
	slices.SortFunc(r.order, func(a, b uint32) int {
		for _, p := range parts {
			if c := compareValues(&r.columns[p], int(a), &r.columns[p], int(b)); c != 0 {
				return c
			}
		}
		return int(a) - int(b)
	})
}
