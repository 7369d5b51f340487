package iam

// slab allocates small slices from larger ones, each twice as large as the
// previous one. A document's many small lists need few allocations, and a
// small document needs little memory.
type slab[T any] struct {
	free []T
	size int // size of the slice that free was cut from
}

// take returns n zero values.
func (s *slab[T]) take(n int) []T {
	const least, most = 8, 64
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.size = min(max(least, 2*s.size), most)
		s.free = make([]T, max(n, s.size))
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

func (s *slab[T]) copyOf(items []T) []T {
	copied := s.take(len(items))
	copy(copied, items)
	return copied
}
