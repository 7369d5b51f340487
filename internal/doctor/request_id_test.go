package doctor_test

import (
	"context"
	"slices"
	"testing"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// notes receives the entries of the audit log.
type notes struct{ entries chan audit.Entry }

func (n notes) Note(_ context.Context, entry audit.Entry) error {
	n.entries <- entry
	return nil
}

// Each call to AWS is found in CloudTrail by its request ID, whether it was
// refused or not: in the verification, and in the audit.
func TestEveryCallKeepsItsRequestID(t *testing.T) {
	t.Parallel()
	kept := notes{make(chan audit.Entry, 1)}
	w := doctortest.Start(t, func(p *doctortest.Parts) { p.Doctor.Notes = kept })
	i := w.MustConnect(t, w.MustReserve(t, func(d *integration.Draft) { d.Access = integration.ReadWrite }))
	v := w.MustVerify(t, i)
	seen := map[string]bool{}
	var ids []string
	for _, c := range v.Checks {
		for _, call := range c.Calls {
			if call.RequestID == "" || seen[call.RequestID] {
				t.Errorf("%s: %s on %s answered %d with the request ID %q", c.Code, call.Action, call.Resource,
					call.Status, call.RequestID)
			}
			seen[call.RequestID] = true
			ids = append(ids, call.RequestID)
		}
	}
	for _, code := range []doctor.Code{doctor.CodeGet, doctor.CodePut, doctor.CodeDelete} {
		if c := v.Check(code); c == nil || c.Status != doctor.Pass || len(c.Calls) == 0 {
			t.Errorf("%s did not pass: %+v", code, c)
		}
	}
	entry := <-kept.entries
	for _, id := range ids {
		if !slices.Contains(entry.AWSRequestIDs, id) {
			t.Errorf("the audit lacks %s", id)
		}
	}
}
