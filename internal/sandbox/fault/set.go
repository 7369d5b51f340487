package fault

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// maxFaults limits the number of active faults.
const maxFaults = 1000

// Config configures a set. Every field is required.
type Config struct {
	Now    func() time.Time
	Random func() float64 // returns numbers in [0, 1), for faults with a probability
	Logger *slog.Logger   // logs each call that is struck
}

// Set has the active faults. It is safe for concurrent use.
type Set struct {
	config Config
	mu     sync.RWMutex
	faults []*Fault
}

// NewSet returns an empty set.
func NewSet(config Config) *Set { return &Set{config: config} }

// Add activates a fault and returns it with its ID and defaults. An invalid
// fault is a [problem.Error].
func (s *Set) Add(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return Fault{}, err
	}
	f.ID, f.Hits, f.Expires = newID(), 0, time.Time{}
	if f.For > 0 {
		f.Expires = s.config.Now().Add(f.For)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) >= maxFaults {
		return Fault{}, problem.New(problem.Conflict, "there are already %d faults, the limit", maxFaults).
			WithHint("Remove some with DELETE /_sandbox/faults.")
	}
	kept := f
	s.faults = append(s.faults, &kept)
	return f, nil
}

func newID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return "fault_" + hex.EncodeToString(b[:])
}

// Remove ends a fault and reports whether it existed. The fault may have ended
// already.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.ID == id })
	return len(s.faults) < before
}

// Clear ends every fault.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// List returns every fault that wasn't removed, oldest first, including those
// that have ended, with their counts.
func (s *Set) List() []Fault {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = *f
	}
	return list
}

// Hit returns the fault of this kind that strikes a call, or nil, and counts
// the call.
func (s *Set) Hit(kind Kind, call *Call) *Fault {
	if !s.any() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Kind != kind || !s.live(f) || !f.Match.matches(call) {
			continue
		}
		if f.Probability < 1 && s.config.Random() >= f.Probability {
			continue
		}
		f.Hits++
		s.config.Logger.Info(
			"fault struck",
			"fault",
			f.ID,
			"kind",
			string(kind),
			"service",
			call.Service,
			"action",
			call.Action,
			"bucket",
			call.Bucket,
			"key",
			call.Key,
		)
		struck := *f
		return &struck
	}
	return nil
}

// Lag returns how long changes take to propagate: the longest delay of the
// active [Propagation] faults, or 0.
func (s *Set) Lag() time.Duration {
	if !s.any() {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var lag time.Duration
	for _, f := range s.faults {
		if f.Kind == Propagation && s.live(f) {
			lag = max(lag, f.Delay)
		}
	}
	return lag
}

func (s *Set) any() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.faults) > 0
}

func (s *Set) live(f *Fault) bool {
	return (f.Count == 0 || f.Kind == ReorderEvents || f.Hits < f.Count) &&
		(f.Expires.IsZero() || s.config.Now().Before(f.Expires))
}
