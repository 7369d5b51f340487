package doctor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// A pruned history still has every change and its details.
func TestPrunedHistoryTellsWhatChanged(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) { p.Doctor.Keep, p.Doctor.KeepChanges = 2, 30*24*time.Hour })
	i := w.MustConnect(t, w.MustReserve(t))
	w.Settle()
	const more = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"}]}`
	const none = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::elsewhere"}]}`
	for _, document := range []string{none, none, more, more, none, none, none} {
		w.MustPolicy(t, "more", document)
		w.MustVerify(t, i)
	}
	history := func() (said []string) {
		found, err := w.Doctor.List(t.Context(), w.Actor, i.Workspace, i.ID, paging.Request{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range found.Items {
			said = append(said, string(found.Items[n].State))
			for _, c := range found.Items[n].Changes {
				said = append(said, string(c.Code)+" was "+string(c.Was)+", is "+string(c.Is))
			}
		}
		return said
	}
	const wider, narrower = string(doctor.CodeListOutside) + " was pass, is warn", string(doctor.CodeListOutside) +
		" was warn, is pass"
	all := []string{"verified", "verified", "verified", narrower, "verified", "verified", wider, "verified", "verified"}
	if diff := cmp.Diff(all, history()); diff != "" {
		t.Fatalf("before (-want +got):\n%s", diff)
	}
	w.Doctor.Tick(t.Context())
	kept := []string{"verified", "verified", "verified", narrower, "verified", wider, "verified"}
	if diff := cmp.Diff(kept, history()); diff != "" {
		t.Errorf("the changes, and the newest two (-want +got):\n%s", diff)
	}
	w.Advance(31 * 24 * time.Hour)
	w.Doctor.Tick(t.Context())
	if got := history(); len(got) < 2 || len(got) > 4 { // the tick may have started another one
		t.Errorf("after its time the history is %q", got)
	}
}
