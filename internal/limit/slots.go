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

// A Slot is one of a key's slots in use. The zero value is none.
type Slot struct {
	slots *Slots
	key   string
}

// Acquire takes a slot of a key. ok is false if none is free.
func (s *Slots) Acquire(key string) (slot Slot, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.held[key]
	if s.most > 0 && n >= s.most {
		return Slot{}, false
	}
	s.held[key] = n + 1
	return Slot{s, key}, true
}

// Release frees the slot. Call it once.
func (s Slot) Release() {
	if s.slots == nil {
		return
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	if n := s.slots.held[s.key]; n > 1 {
		s.slots.held[s.key] = n - 1
	} else {
		delete(s.slots.held, s.key)
	}
}

// Held returns the number of a key's slots in use.
func (s *Slots) Held(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[key]
}
