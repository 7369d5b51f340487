package parquetfile

import "github.com/windlass-io/windlass/internal/dataset"

// SortedAs reports whether the file's rows, which are sorted by the file's own
// index, are in the order of a dataset's shape. They are not when a part was
// widened to a type with another order: 10 comes after 9, and "10" before "9".
func (r *Reader) SortedAs(shape *Spec) bool { return r.spec.SameKinds(shape) }

// SameKinds reports whether the parts of two indexes are columns of the same
// names whose types have one order.
func (s *Spec) SameKinds(other *Spec) bool {
	mine, others := s.parts(), other.parts()
	if len(mine) != len(others) {
		return false
	}
	for i := range mine {
		a, b := &s.Columns[mine[i]], &other.Columns[others[i]]
		if a.Name != b.Name || orderOf(a.Type) != orderOf(b.Type) {
			return false
		}
	}
	return true
}

// orderOf returns the representative of all types with the same order.
func orderOf(t dataset.Type) dataset.Type {
	switch t {
	case dataset.Integer, dataset.Decimal, dataset.Number:
		return dataset.Number
	case dataset.Date, dataset.DateTime:
		return dataset.DateTime
	case dataset.Boolean:
		return dataset.Boolean
	default:
		return dataset.String
	}
}
