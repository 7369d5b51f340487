package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// history stores nine entries: 1, 5 and 6 in separate rows, and the reads 2 to 4
// and 7 to 9 in shared ones.
func history(t *testing.T, s *store.Store) *audit.Service {
	t.Helper()
	recorder, service := open(s)
	at := noon
	reads := func(n int) {
		release := hold(t, s)
		var waits []func() error
		for range n {
			at = at.Add(time.Second)
			wait, err := recorder.RecordAhead(t.Context(), decision("ws_1", access.DataRead, "ds_1", true, at))
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, func() error { return wait(t.Context()) })
		}
		release()
		for _, wait := range waits {
			if err := wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
	record(t, recorder, decision("ws_1", access.IntegrationCreate, "int_1", true, at))
	reads(3)
	record(t, recorder, decision("ws_1", access.TokenCreate, "tok_2", false, at),
		decision("ws_1", access.TokenCreate, "tok_3", true, at))
	reads(3)
	return service
}

// hold reserves the only connection that writes.
func hold(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = conn.Close() }
}

func TestTamper(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string // SQL; empty: none
		want   int64  // first broken entry; 0: none
	}{
		"nothing":                    {"", 0},
		"a reason":                   {`UPDATE audit SET lines = replace(lines, 'Because.', 'Because!') WHERE first = 5`, 5},
		"a denial made an allowance": {`UPDATE audit SET lines = replace(lines, '"denied"', '"allowed"') WHERE first = 5`, 5},
		"a hash":                     {`UPDATE audit SET lines = 'f' || substr(lines, 2) WHERE first = 5`, 5},
		// only for continuing; the lines are what is checked
		"the hash of a row":              {`UPDATE audit SET hash = '' WHERE first = 5`, 0},
		"the first entry":                {`DELETE FROM audit WHERE first = 1`, 1},
		"an entry in the middle":         {`DELETE FROM audit WHERE first = 5`, 5},
		"all entries, and the end stays": {`DELETE FROM audit WHERE first < 6`, 1},
		"a line that is no JSON":         {`UPDATE audit SET lines = substr(lines, 1, 64) || ' {' || char(10) WHERE first = 6`, 6},
		"an empty row":                   {`UPDATE audit SET lines = '' WHERE first = 6`, 6},
		"entries of another workspace":   {`UPDATE audit SET lines = replace(lines, '"workspace":"ws_1","time"', '"workspace":"ws_2","time"') WHERE first = 6`, 6},
		"changed places":                 {`UPDATE audit SET first = -first WHERE first IN (5, 6); UPDATE audit SET first = 11 + first, last = 11 + first WHERE first < 0`, 5},
		"a row told as reads":            {`UPDATE audit SET reads = 1 WHERE first = 5`, 5},
		"an entry twice":                 {`UPDATE audit SET lines = lines || lines, last = 6 WHERE first = 5; DELETE FROM audit WHERE first = 6`, 6},
		"numbers that are not so":        {`UPDATE audit SET last = 99 WHERE first = 6`, 7},
		// means the same
		"added space": {`UPDATE audit SET lines = replace(lines, '{"work', '{ "work') WHERE first = 5`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t)
			service := history(t, s)
			if c.change != "" {
				if _, err := s.DB().ExecContext(t.Context(), c.change); err != nil {
					t.Fatal(err)
				}
			}
			report, err := service.Verify(t.Context(), reader, "ws_1", audit.Head{})
			if err != nil {
				t.Fatal(err)
			}
			var got int64
			if report.Break != nil {
				got = report.Break.Seq
			}
			if got != c.want {
				t.Errorf("first broken entry %d (%+v), want %d", got, report.Break, c.want)
			}
			if want := max(c.want-1, 0); c.want != 0 && report.Entries != want {
				t.Errorf("%d entries hold, want %d", report.Entries, want)
			}
		})
	}
}

// TestAnchor checks that a recorded head detects a chain whose end was cut
// off or that was rebuilt, which the chain alone doesn't show.
func TestAnchor(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	service := history(t, s)
	before, err := service.Verify(t.Context(), reader, "ws_1", audit.Head{})
	if err != nil || before.Break != nil || before.Entries != 9 {
		t.Fatalf("%+v %v", before, err)
	}
	noted, err := audit.ParseHead(before.Head.String())
	if err != nil {
		t.Fatal(err)
	}
	if report, err := service.Verify(t.Context(), reader, "ws_1", noted); err != nil || report.Break != nil {
		t.Errorf("whole: %+v %v", report.Break, err)
	}
	if _, err := s.DB().ExecContext(t.Context(), `DELETE FROM audit WHERE first >= 6`); err != nil {
		t.Fatal(err)
	}
	if report, err := service.Verify(t.Context(), reader, "ws_1", audit.Head{}); err != nil || report.Break != nil {
		t.Errorf("cut off, no anchor: %+v %v", report.Break, err)
	}
	if report, err := service.Verify(t.Context(), reader, "ws_1", noted); err != nil || report.Break == nil ||
		report.Break.Seq != 6 {
		t.Errorf("cut off: %+v %v, want a break at 6", report.Break, err)
	}
	recorder, _ := open(s)
	for range 5 {
		record(t, recorder, decision("ws_1", access.TokenCreate, "tok_9", true, noon))
	}
	if report, err := service.Verify(t.Context(), reader, "ws_1", noted); err != nil || report.Break == nil ||
		report.Break.Seq != 9 {
		t.Errorf("made again: %+v %v, want a break at 9", report.Break, err)
	}
}

func TestVerifyExport(t *testing.T) {
	t.Parallel()
	service := history(t, storetest.Open(t))
	text := export(t, service)
	lines := strings.SplitAfter(text, "\n")
	whole, err := audit.VerifyExport(strings.NewReader(text), audit.Head{})
	if err != nil || whole.Break != nil || whole.Entries != 9 {
		t.Fatalf("%+v %v", whole, err)
	}
	for name, c := range map[string]struct {
		text string
		want *int64
	}{
		"an entry left out": {strings.Join(append(append([]string{}, lines[:3]...), lines[4:]...), ""), new(int64(4))},
		"no JSON":           {strings.Join(lines[:4], "") + "{\n", new(int64(5))},
		"changed":           {strings.Replace(text, `"denied"`, `"allowed"`, 1), new(int64(5))},
		"cut off":           {strings.Join(lines[:7], ""), new(int64(8))},
		"empty":             {"", new(int64(1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := audit.VerifyExport(strings.NewReader(c.text), whole.Head)
			if err != nil {
				t.Fatal(err)
			}
			var got *int64
			if report.Break != nil {
				got = &report.Break.Seq
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("first broken entry (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzVerifyExport(f *testing.F) {
	f.Add(`{"workspace":"ws_1","seq":1,"time":"2026-03-01T12:00:00Z","actor":{"kind":"secret"},"action":"a","resource":{"kind":"k"},"outcome":"allowed","reason":"r","hash":"00"}` + "\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		report, err := audit.VerifyExport(strings.NewReader(text), audit.Head{})
		if err == nil && report.Break == nil && report.Entries != 0 && !strings.Contains(text, report.Head.Hash) {
			t.Errorf("a head %v that is not in the text", report.Head)
		}
	})
}

func FuzzParseHead(f *testing.F) {
	f.Add("12:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
	f.Fuzz(func(t *testing.T, s string) {
		head, err := audit.ParseHead(s)
		if err != nil {
			return
		}
		if again, err := audit.ParseHead(head.String()); err != nil || again != head {
			t.Errorf("%q reads as %v, which reads as %v, %v", s, head, again, err)
		}
	})
}
