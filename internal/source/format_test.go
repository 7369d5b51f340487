package source_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
)

func TestFormatSettingsAreValidated(t *testing.T) {
	t.Parallel()
	s, _ := build(t, nil)
	for name, c := range map[string]struct {
		format source.Format
		path   string
	}{
		"encoding":             {source.Format{Encoding: "utf-7"}, "format.encoding"},
		"compression":          {source.Format{Compression: "rar"}, "format.compression"},
		"long delimiter":       {source.Format{Delimiter: "123456789"}, "format.delimiter"},
		"quote as delimiter":   {source.Format{Delimiter: `,"`}, "format.delimiter"},
		"line end":             {source.Format{Delimiter: "\n"}, "format.delimiter"},
		"two quotes":           {source.Format{Quote: new("''")}, "format.quote"},
		"no ASCII":             {source.Format{Quote: new("“")}, "format.quote"},
		"escape is quote":      {source.Format{Quote: new("'"), Escape: new("'")}, "format.escape"},
		"comment is escape":    {source.Format{Escape: new(`\`), Comment: new(`\`)}, "format.comment"},
		"comment delimits":     {source.Format{Delimiter: "#", Comment: new("#")}, "format.comment"},
		"negative skip":        {source.Format{SkipLines: new(-1)}, "format.skip_lines"},
		"large skip":           {source.Format{SkipLines: new(1001)}, "format.skip_lines"},
		"many null markers":    {source.Format{NullMarkers: slices.Repeat([]string{"-"}, 21)}, "format.null_markers"},
		"long null marker":     {source.Format{NullMarkers: []string{strings.Repeat("x", 256)}}, "format.null_markers"},
		"number format":        {source.Format{NumberFormat: "1_000"}, "format.number_format"},
		"time zone":            {source.Format{TimeZone: "Mars/Base"}, "format.time_zone"},
		"zone of the machine":  {source.Format{TimeZone: "Local"}, "format.time_zone"},
		"small record limit":   {source.Format{MaxRecordBytes: 1023}, "format.max_record_bytes"},
		"large record limit":   {source.Format{MaxRecordBytes: 64<<20 + 1}, "format.max_record_bytes"},
		"negative record size": {source.Format{MaxRecordBytes: -1}, "format.max_record_bytes"},
	} {
		d := draft("in/*")
		d.Format = c.format
		_, err := s.Create(t.Context(), owner, "ws_1", d)
		var found *problem.Error
		if !errors.As(err, &found) || found.Code != problem.Invalid || len(found.Findings) == 0 ||
			found.Findings[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFormatSettingsAreKeptAndShown(t *testing.T) {
	t.Parallel()
	s, b := build(t, nil)
	put(t, b, "in/a.txt", "exported by hand\nid\x01v\n7\x01-\n")
	d := draft("in/*")
	d.Format = source.Format{
		Encoding: "latin1", Delimiter: `\x01`, Quote: new(""), SkipLines: new(1), NullMarkers: []string{"-"},
		TimeZone: "Europe/Berlin", MaxRecordBytes: 2048, NumberFormat: "1.234,5",
	}
	made, err := s.Create(t.Context(), owner, "ws_1", d)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Get(t.Context(), owner, "ws_1", made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made.Format, kept.Format); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	seen, err := s.Preview(t.Context(), owner, "ws_1", made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]any{{int64(7), nil}}, seen.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	want := tabular.Dialect{
		"encoding":         {Value: "latin1", From: tabular.Declared},
		"delimiter":        {Value: "\x01", From: tabular.Declared},
		"quote":            {Value: "", From: tabular.Declared},
		"skip_lines":       {Value: 1, From: tabular.Declared},
		"null_markers":     {Value: []string{"-"}, From: tabular.Declared},
		"time_zone":        {Value: "Europe/Berlin", From: tabular.Declared},
		"number_format":    {Value: "1.234,5", From: tabular.Declared},
		"max_record_bytes": {Value: 2048, From: tabular.Declared},
		"header":           {Value: true, From: tabular.Inferred, Why: "typed_below"},
	}
	for name, want := range want {
		if diff := cmp.Diff(want, seen.Dialect[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
