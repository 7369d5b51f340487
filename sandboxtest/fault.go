package sandboxtest

import (
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Break adds a fault until the returned function is called, the fault's
// duration or count ends, or the server stops. The line has the format of
// windlass sandbox --fault: the fault's kind, then name=value pairs.
//
//	throttle,service=s3,count=3             SlowDown, three times
//	unavailable,probability=0.1             503 for a tenth of all calls
//	cut,action=GetObject,key=*.csv,bytes=99 the connection breaks after 99 bytes
//	slow,bucket=acme,delay=50ms,bytes=4096  4 KiB at a time
//	propagation,delay=10s                   changes in IAM take effect late
//	expired-session,principal=*:role/reader the sessions of a role have expired
//
// The other kinds are internal, skew, region-disabled, kms-denied and archived.
// The other names are region and for, which is the fault's duration.
func (s *Server) Break(t testing.TB, line string) (mend func()) {
	t.Helper()
	f, err := fault.Parse(line)
	if err != nil {
		t.Fatalf("adding the fault %q: %v", line, err)
	}
	return s.MustFault(t, f)
}

// MustFault is [Server.Break] for a [fault.Fault].
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

// Hits returns the number of calls affected by faults of a kind, such as
// "throttle", including faults that have ended or were removed.
func (s *Server) Hits(kind fault.Kind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.removed[kind] + s.hits(func(f fault.Fault) bool { return f.Kind == kind })
}

// hits returns the number of calls affected by the matching faults that are active.
func (s *Server) hits(of func(fault.Fault) bool) int {
	n := 0
	for _, f := range s.Sandbox.Faults().List() {
		if of(f) {
			n += f.Hits
		}
	}
	return n
}
