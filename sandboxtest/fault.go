package sandboxtest

import (
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Break breaks something, until the function that it gives is called, the
// fault is over by itself or the server ends. It is told in one line, as
// windlass sandbox --fault takes it: its kind, then name=value pairs.
//
//	throttle,service=s3,count=3             SlowDown, three times
//	unavailable,probability=0.1             503 for a tenth of all calls
//	cut,action=GetObject,key=*.csv,bytes=99 the connection breaks after 99 bytes
//	slow,bucket=acme,delay=50ms,bytes=4096  4 KiB at a time
//	propagation,delay=10s                   changes in IAM are seen late
//	expired-session,principal=*:role/reader the sessions of a role are over
//
// The other kinds are internal, skew, region-disabled, kms-denied and archived;
// the other names are region and for, how long it lasts.
func (s *Server) Break(t testing.TB, line string) (mend func()) {
	t.Helper()
	f, err := fault.Parse(line)
	if err != nil {
		t.Fatalf("adding the fault %q: %v", line, err)
	}
	return s.MustFault(t, f)
}

// MustFault is [Server.Break] for a fault that is not written as a line.
func (s *Server) MustFault(t testing.TB, f fault.Fault) (mend func()) {
	t.Helper()
	added, err := s.Sandbox.Faults().Add(f)
	if err != nil {
		t.Fatalf("adding a fault: %v", err)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.removed[added.Kind] += s.hits(func(f fault.Fault) bool { return f.ID == added.ID })
		s.Sandbox.Faults().Remove(added.ID)
	}
}

// Hits returns how many calls the faults of a kind struck, such as "throttle",
// including faults that have ended or were removed.
func (s *Server) Hits(kind fault.Kind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removed[kind] + s.hits(func(f fault.Fault) bool { return f.Kind == kind })
}

// hits counts the calls that the matching faults struck and that weren't
// removed.
func (s *Server) hits(of func(fault.Fault) bool) int {
	n := 0
	for _, f := range s.Sandbox.Faults().List() {
		if of(f) {
			n += f.Hits
		}
	}
	return n
}
