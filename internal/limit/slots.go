package limit

import "sync"

// Slots bounds how many requests of a key run at once. It is safe for concurrent use.
type Slots struct {
	most int

	mu   sync.Mutex
	held map[string]int
}

// NewSlots returns slots for most requests of each key; 0 means any number.
func NewSlots(most int) *Slots { return &Slots{most: most, held: map[string]int{}} }

// Acquire takes a slot of a key. release, which is nil when there is none, is
// called once.
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

// Held returns how many slots of a key are taken.
func (s *Slots) Held(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[key]
}
