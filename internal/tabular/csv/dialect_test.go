package csv_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	tcsv "github.com/windlass-io/windlass/internal/tabular/csv"
)

// dialectWant is the expected result of a case.
type dialectWant struct {
	Dialect struct {
		Delimiter string `json:"delimiter"`
		Quote     string `json:"quote"`
		Escape    string `json:"escape"`
		Newline   string `json:"newline"`
		Header    bool   `json:"header"`
		SkipLines int    `json:"skip_lines"`
		Comment   string `json:"comment"`
		Trailing  bool   `json:"trailing_delimiter"`
		HeaderWhy string `json:"header_why,omitempty"`
	} `json:"dialect"`
	Columns []string `json:"columns"`
	Rows    int      `json:"rows"`
}

type dialectCase struct {
	ID, Key, Text string
	Want          dialectWant
}

func dialectCases(t testing.TB, name string) []dialectCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []dialectCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no cases")
	}
	return file.Cases
}

func char(b byte) string {
	if b == 0 {
		return ""
	}
	return string(b)
}

// dialectOf returns the dialect of a text in the form of the cases.
func dialectOf(t *testing.T, c dialectCase) dialectWant {
	t.Helper()
	table, err := tcsv.Open([]byte(c.Text), true, nil, tcsv.Options{Key: c.Key})
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	d := table.Dialect
	got := dialectWant{Columns: table.Columns}
	if got.Dialect.Delimiter = d.Delimiter; d.Delimiter == "" {
		got.Dialect.Delimiter = ","
	}
	got.Dialect.Quote, got.Dialect.Escape, got.Dialect.Comment = char(d.Quote), char(d.Escape), char(d.Comment)
	got.Dialect.Newline, got.Dialect.Header, got.Dialect.SkipLines = char(d.Newline), d.Header, d.SkipLines
	got.Dialect.Trailing = d.Trailing
	if c.Want.Dialect.HeaderWhy != "" {
		got.Dialect.HeaderWhy = string(table.Reasons.Header)
	}
	read, err := parseFrom(t, c.Text, len(c.Text), nil, tcsv.Options{Key: c.Key}, 1)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	got.Rows = len(read.Rows) + len(read.Rejected)
	return got
}

func TestDialects(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dialects.json", "dialects_more.json"} {
		for _, c := range dialectCases(t, name) {
			if diff := cmp.Diff(c.Want, dialectOf(t, c)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.ID, diff)
			}
		}
	}
}
