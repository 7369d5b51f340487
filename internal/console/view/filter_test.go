package view

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/audit"
)

func TestAuditFilter(t *testing.T) {
	t.Parallel()
	f := ReadAuditFilter(url.Values{
		"actor": {"mem_1"}, "outcome": {"denied"}, "since": {"2026-11-22"}, "until": {"tomorrow"}, "reads": {"true"},
	})
	want := audit.Filter{
		Actor: "mem_1", Outcome: audit.Denied, Since: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Reads: true,
	}
	if diff := cmp.Diff(want, f.Filter()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !f.Any() || (AuditFilter{}).Any() {
		t.Error("Any doesn't tell a filter that leaves something out from one that doesn't")
	}
	if got, want := f.Query("actor", ""), "/audit?outcome=denied&reads=true&since=2026-11-22"; got != want {
		t.Errorf("without the actor: %s, want %s", got, want)
	}
	if got, want := (AuditFilter{}).Query("resource", "int_1"), "/audit?resource=int_1"; got != want {
		t.Errorf("with a resource: %s, want %s", got, want)
	}
}
