package limit

import "sync"

// Slots limits the concurrent requests of a key. It is safe for concurrent use.
type Slots struct {
	most int

	mu   sync.Mutex
	held map[string]int
}

// NewSlots returns slots for most requests of each key; 0 means any number.
func NewSlots(most int) *Slots { return &Slots{most: most, held: map[string]int{}} }

// Acquire takes a slot of a key. release is nil if there is no free slot;
// otherwise call it once.
func (s *Slots) Acquire(key string) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.most > 0 && s.held[key] >= s.most {
		return nil, false
	}
	s.held[key]++
	return func() { s.release(key) }, true
}

func (s *Slots) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[key]--; s.held[key] <= 0 {
		delete(s.held, key)
	}
}

// Held returns the number of a key's slots in use.
func (s *Slots) Held(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[key]
}
