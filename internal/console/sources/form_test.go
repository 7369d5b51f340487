package sources

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/json"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

func of[T any](value T) *T { return &value }

// TestFormatFields writes formats into the fields of a form, and reads them again.
func TestFormatFields(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]source.Format{
		"nothing declared": {Name: source.Auto},
		"everything declared": {
			Name: source.CSV, Encoding: "latin1", Compression: "gzip", Delimiter: `\t`, Quote: of("'"), Escape: of(""),
			Comment: of("#"), SkipLines: of(0), Header: of(false), TrailingDelimiter: of(true),
			NullMarkers: []string{"-", "n/a"}, NumberFormat: "1.234,5", TimeZone: "Europe/Berlin", MaxRecordBytes: 2048,
			JSONPath: "$..a", Flatten: &json.Flatten{Depth: 2, Separator: "_"}, Sheet: "Data", Member: "*.csv",
			IncludeMarkers: true,
		},
	} {
		r := reading{values: typed(formatValues(&want), settingNames)}
		if diff := cmp.Diff(want, r.format()); diff != "" || r.err("source") != nil {
			t.Errorf("%s (-want +got):\n%s%v", name, diff, r.faults)
		}
	}
}

// TestFeedFields writes the settings of feeds into the fields of a form, and reads them
// again.
func TestFeedFields(t *testing.T) {
	t.Parallel()
	all := feed.Settings{
		Duplicates: "replace", MaxRejected: 7, MaxRejectedPercent: 5, Overwritten: feed.Append, Deleted: feed.RemoveRows,
		MaxDeletedPercent: 10,
		Drift:             feed.Drift{New: feed.NoteColumn, Missing: feed.FailOnMissing, Changed: feed.RejectRow},
		ObjectsAtOnce:     2, Order: feed.NewestFirst, Columns: shape.Columns{
			Columns: []shape.Column{
				{From: "a, b", Name: "c", Type: "decimal", Precision: 9, Scale: 2},
			}, Rest: shape.Drop,
			Metadata:   []shape.Metadata{{Name: shape.ObjectKey}, {Name: shape.ETag, As: "my version"}},
			Partitions: shape.Partitions{Mode: shape.Named, Names: []string{"dt", "hour"}},
		},
	}
	off := feed.Defaults()
	off.Partitions.Mode = shape.Off
	for name, want := range map[string]feed.Settings{"defaults": feed.Defaults(), "all": all, "no partitions": off} {
		r := reading{values: typed(feedValues(&want), settingNames)}
		got, change := feed.Defaults(), r.feedChange()
		got.Apply(&change)
		if got.Columns.Columns != nil && len(got.Columns.Columns) == 0 {
			got.Columns.Columns, got.Metadata = nil, nil
		}
		if diff := cmp.Diff(want, got); diff != "" || r.err("feed") != nil {
			t.Errorf("%s (-want +got):\n%s%v", name, diff, r.faults)
		}
	}
}

// TestWrongFields reports each wrong field.
func TestWrongFields(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"format.skip_lines": "few", "feed.max_rejected": "-2", "feed.objects_at_once": "many",
		"feed.columns": "Customer Name",
	} {
		r := reading{values: url.Values{name: {value}}}
		r.format()
		r.feedChange()
		if found := problem.From(r.err("source")); len(found.Findings) != 1 || found.Findings[0].Path != name {
			t.Errorf("%s=%s: %+v", name, value, found.Findings)
		}
	}
	for when, want := range map[string]string{"cron": "schedule.cron", "every": "schedule.every"} {
		r := reading{values: url.Values{"when": {when}}}
		if r.schedule(); len(r.faults) != 1 || r.faults[0].Path != want {
			t.Errorf("%s: %+v", when, r.faults)
		}
	}
}
