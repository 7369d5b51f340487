package event_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/source"
)

// wantedRecord is a record of a case. Absent members must be absent.
type wantedRecord struct {
	Action    event.Action `json:"action"`
	Reason    event.Reason `json:"reason,omitempty"`
	Bucket    string       `json:"bucket,omitempty"`
	Key       string       `json:"key,omitempty"`
	Version   string       `json:"version,omitempty"`
	ETag      string       `json:"etag,omitempty"`
	Size      *int64       `json:"size,omitempty"`
	Sequencer string       `json:"sequencer,omitempty"`
}

type wantedMessage struct {
	Message string         `json:"message"`
	Via     []event.Form   `json:"via"`
	Reason  event.Reason   `json:"reason,omitempty"`
	Records []wantedRecord `json:"records"`
}

type messageCases struct {
	Source struct {
		Bucket  string
		Pattern string
		Exclude []string
	}
	Messages []struct {
		Name string
		Body string
		Want wantedMessage
	}
}

func readCases[T any](t testing.TB, name string) T {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var cases T
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func (c *messageCases) target(t testing.TB) *event.Target {
	t.Helper()
	pattern, err := source.ParsePattern(c.Source.Pattern, c.Source.Exclude)
	if err != nil {
		t.Fatal(err)
	}
	return &event.Target{Bucket: c.Source.Bucket, Pattern: pattern}
}

func seen(body string, target *event.Target) wantedMessage {
	m := event.Read([]byte(body))
	records := m.Records(target)
	got := wantedMessage{
		Message: "leave", Via: append([]event.Form{}, m.Via...), Reason: m.Reason,
		Records: []wantedRecord{},
	}
	if m.Understood(records) {
		got.Message = "delete"
	}
	for _, r := range records {
		got.Records = append(got.Records, wantedRecord{
			r.Action, r.Reason, r.Bucket, r.Key, r.Version, r.ETag, r.Size, r.Sequencer,
		})
	}
	return got
}

func TestMessages(t *testing.T) {
	t.Parallel()
	cases := readCases[messageCases](t, "messages.json")
	target := cases.target(t)
	for _, c := range cases.Messages {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.Want, seen(c.Body, target)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessageBounds(t *testing.T) {
	t.Parallel()
	deep := func(levels int) string {
		return `{"Records":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `}`
	}
	for name, c := range map[string]struct {
		body string
		want event.Reason
	}{
		"32 levels":            {deep(32), event.ReasonUnknownShape},
		"33 levels":            {deep(33), event.ReasonNotJSON},
		"brackets in a string": {`{"a":"` + strings.Repeat(`[\"`, 40) + `"}`, event.ReasonUnknownShape},
		"1 MiB":                {`{"a":"` + strings.Repeat("x", event.MaxBodyBytes-8) + `"}`, event.ReasonUnknownShape},
		"over 1 MiB":           {`{"a":"` + strings.Repeat("x", event.MaxBodyBytes-7) + `"}`, event.ReasonNotJSON},
		"not UTF-8":            {"{\"a\":\"\xff\"}", event.ReasonNotJSON},
		"empty":                {"", event.ReasonNotJSON},
	} {
		if m := event.Read([]byte(c.body)); m.Reason != c.want {
			t.Errorf("%s: %s, want %s", name, m.Reason, c.want)
		}
	}
}

// A record is malformed only for the sources of its bucket.
func TestRecordsOfSeveralTargets(t *testing.T) {
	t.Parallel()
	all, err := source.ParsePattern("**", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := event.Read([]byte(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",
		"s3":{"bucket":{"name":"a"},"object":{"key":"%"}}}]}`))
	a := m.Records(&event.Target{Bucket: "a", Pattern: all})
	b := m.Records(&event.Target{Bucket: "b", Pattern: all})
	if b[0].Reason != event.ReasonBucket || !m.Understood(b) {
		t.Errorf("the other bucket's source sees %+v", b[0])
	}
	if a[0].Reason != event.ReasonKeyEncoding || m.Understood(b, a) {
		t.Errorf("the bucket's source sees %+v", a[0])
	}
}

func TestMarkersAreIgnored(t *testing.T) {
	t.Parallel()
	all, err := source.ParsePattern("daily/**", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := event.Read([]byte(`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"a"},
		"object":{"key":"daily/_SUCCESS"}}}`))
	records := m.Records(&event.Target{Bucket: "a", Pattern: all})
	if records[0].Action != event.Ignore || records[0].Reason != event.ReasonMarker {
		t.Errorf("got %+v", records[0])
	}
}

func FuzzRead(f *testing.F) {
	cases := readCases[messageCases](f, "messages.json")
	for _, c := range cases.Messages {
		f.Add([]byte(c.Body))
	}
	target := cases.target(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		m := event.Read(body)
		records := m.Records(target)
		for _, r := range records {
			switch r.Action {
			case event.Malformed:
				if m.Understood(records) {
					t.Errorf("a message with a malformed record is deleted: %+v", r)
				}
			case event.Load, event.Remove, event.Retry:
				if r.Bucket != target.Bucket || target.Pattern.MatchKey(r.Key) != source.Matched {
					t.Errorf("the source doesn't have %+v", r)
				}
			default:
			}
		}
		if (m.Reason != "") == (len(records) > 0) {
			t.Errorf("%d records and reason %q", len(records), m.Reason)
		}
	})
}
