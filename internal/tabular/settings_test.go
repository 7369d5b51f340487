package tabular_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// rowsOf returns the values and the rejected rows of a content.
func rowsOf(t testing.TB, content string, options tabular.Options, declared ...dataset.Column) (rows [][]any,
	rejected []string, dialect tabular.Dialect,
) {
	t.Helper()
	rows, rejected, dialect, err := readRows(t, content, options, declared...)
	if err != nil {
		t.Fatal(err)
	}
	return rows, rejected, dialect
}

func readRows(t testing.TB, text string, options tabular.Options, declared ...dataset.Column) (rows [][]any,
	rejected []string, dialect tabular.Dialect, err error,
) {
	t.Helper()
	content, err := tabular.Open(t.Context(), tabular.Bytes("k", []byte(text)), options)
	if err != nil {
		return nil, nil, nil, err
	}
	defer content.Close() //nolint:errcheck // opened for reading
	schema := dataset.Schema{Columns: declared}
	if declared == nil {
		if schema, err = content.Infer(t.Context()); err != nil {
			return nil, nil, nil, err
		}
	}
	reader, err := content.Read(t.Context(), schema)
	if err != nil {
		return nil, nil, nil, err
	}
	defer reader.Close()
	for {
		b, err := reader.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return rows, rejected, content.Dialect(), nil
		}
		if err != nil {
			return rows, rejected, nil, err
		}
		for i := range b.Batch.Rows {
			var row []any
			for j := range b.Batch.Vectors {
				row = append(row, tabular.Value(&b.Batch.Vectors[j], i))
			}
			rows = append(rows, row)
		}
		for _, r := range b.Rejected {
			rejected = append(rejected, string(r.Code)+" "+r.Value)
		}
	}
}

func encoded(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	made, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "id,name\n1,Zoë €5\n2,naïve\n"
	want := [][]any{{int64(1), "Zoë €5"}, {int64(2), "naïve"}}
	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	marked := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for name, c := range map[string]struct {
		content  string
		declared tabular.Encoding
		setting  tabular.Setting
	}{
		"UTF-8": {text, "", tabular.Setting{Value: "utf-8", From: tabular.Inferred, Why: "valid_utf8"}},
		"UTF-8 with mark": {"\ufeff" + text, "", tabular.Setting{
			Value: "utf-8", From: tabular.Inferred,
			Why: "byte_order_mark",
		}},
		"UTF-16 with mark": {encoded(t, marked, text), "", tabular.Setting{
			Value: "utf-16le", From: tabular.Inferred,
			Why: "byte_order_mark",
		}},
		"UTF-16LE": {encoded(t, little, text), "", tabular.Setting{
			Value: "utf-16le", From: tabular.Inferred,
			Why: "zero_bytes",
		}},
		"UTF-16BE": {encoded(t, big, text), "", tabular.Setting{
			Value: "utf-16be", From: tabular.Inferred,
			Why: "zero_bytes",
		}},
		"Windows-1252": {
			encoded(t, charmap.Windows1252, text), "",
			tabular.Setting{Value: "windows-1252", From: tabular.Inferred, Why: "not_utf8"},
		},
		"declared UTF-16": {
			encoded(t, big, text), tabular.UTF16,
			tabular.Setting{Value: "utf-16", From: tabular.Declared},
		},
		"declared UTF-16BE": {
			encoded(t, big, text), tabular.UTF16BE,
			tabular.Setting{Value: "utf-16be", From: tabular.Declared},
		},
		"declared with mark": {
			encoded(t, marked, text), tabular.UTF16LE,
			tabular.Setting{Value: "utf-16le", From: tabular.Declared},
		},
		"declared 1252": {
			encoded(t, charmap.Windows1252, text), tabular.Windows1252,
			tabular.Setting{Value: "windows-1252", From: tabular.Declared},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, rejected, dialect := rowsOf(t, c.content, tabular.Options{Encoding: c.declared})
			if diff := cmp.Diff(want, rows); diff != "" || rejected != nil {
				t.Errorf("rejected %q, rows (-want +got):\n%s", rejected, diff)
			}
			if diff := cmp.Diff(c.setting, dialect["encoding"]); diff != "" {
				t.Errorf("setting (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLatin1IsDeclared(t *testing.T) {
	t.Parallel()
	rows, _, _ := rowsOf(t, "id,name\n1,caf\xe9\x80\n", tabular.Options{Encoding: tabular.Latin1})
	if diff := cmp.Diff([][]any{{int64(1), "café\u0080"}}, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUndecodableBytesRejectTheirRow(t *testing.T) {
	t.Parallel()
	little := encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "id,name\n1,x\n2,?\n3,\uFFFD\n")
	broken := strings.Replace(little, "?\x00", "\x00\xd8", 1) // half of a surrogate pair
	rows, rejected, _ := rowsOf(t, broken, tabular.Options{})
	if diff := cmp.Diff([][]any{{int64(1), "x"}, {int64(3), "\uFFFD"}}, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(rejected) != 1 || !strings.HasPrefix(rejected[0], "bad_encoding") {
		t.Errorf("rejected %q", rejected)
	}
	_, rejected, _ = rowsOf(t, "id,name\n1,caf\xe9\n2,x\n", tabular.Options{Encoding: tabular.UTF8})
	if len(rejected) != 1 || !strings.HasPrefix(rejected[0], "bad_encoding") {
		t.Errorf("declared UTF-8: rejected %q", rejected)
	}
}

func TestDeclaredSettings(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	number, err := cell.ParseNumberFormat("1.234,5")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := cell.ParseNumberFormat("1234.5")
	if err != nil {
		t.Fatal(err)
	}
	two := 2
	for name, c := range map[string]struct {
		text     string
		options  tabular.Options
		columns  []dataset.Column
		rows     [][]any
		rejected []string
	}{
		"several characters": {
			text: "a<>b\n1<>x,y\n2<>\"p<>q\"\n", options: tabular.Options{Delimiter: "<>"},
			rows: [][]any{{int64(1), "x,y"}, {int64(2), "p<>q"}},
		},
		"no quote": {
			text: "a,b\n1,\"x\n", options: tabular.Options{Quote: new(byte)},
			rows: [][]any{{int64(1), `"x`}},
		},
		"escape": {
			text: "a,b\n1,\"x \\\"y\\\" \\\\ \\n\"\n", options: tabular.Options{Escape: new(byte('\\'))},
			rows: [][]any{{int64(1), `x "y" \ \n`}},
		},
		"comments anywhere": {
			text: "a,b\n1,x\n% no, \"row\n2,y\n", options: tabular.Options{Comment: new(byte('%'))},
			rows: [][]any{{int64(1), "x"}, {int64(2), "y"}},
		},
		"skip lines": {
			text: "p,q\nr,s\na,b\n1,x\n", options: tabular.Options{SkipLines: &two},
			rows: [][]any{{int64(1), "x"}},
		},
		"trailing delimiter": {
			text: "a,b\n1,x,\n2,y\n3,z,w\n", options: tabular.Options{Delimiter: ",", Trailing: new(true)},
			rows: [][]any{{int64(1), "x"}, {int64(2), "y"}}, rejected: []string{"field_count 3,z,w"},
		},
		"no trailing delimiter": {
			text: "a,b\n1,x\n2,y,\n3,z\n4,u\n5,v\n6,w\n", options: tabular.Options{
				Trailing:  new(false),
				Delimiter: ",",
			},
			rows:     [][]any{{int64(1), "x"}, {int64(3), "z"}, {int64(4), "u"}, {int64(5), "v"}, {int64(6), "w"}},
			rejected: []string{"field_count 2,y,"},
		},
		"null markers": {
			text: "a,b\n1,-\n-,x\n2,NULL\n", options: tabular.Options{Settings: cell.Settings{Markers: []string{"-"}}},
			rows: [][]any{{int64(1), nil}, {nil, "x"}, {int64(2), "NULL"}},
		},
		"no null markers": {
			text: "a,b\n1,\\N\n", options: tabular.Options{Settings: cell.Settings{Markers: []string{}}},
			rows: [][]any{{int64(1), `\N`}},
		},
		"number format": {
			text:    "a;b\n1.234;2,5\n5;1.000,25\n",
			options: tabular.Options{Settings: cell.Settings{Number: number}},
			rows:    [][]any{{int64(1234), 2.5}, {int64(5), 1000.25}},
		},
		"number format of declared columns": {
			text:    "a;b\n1.234;2,5\n5;1,5\n1.5;3\n",
			options: tabular.Options{Settings: cell.Settings{Number: number}, Delimiter: ";"},
			columns: []dataset.Column{
				{Name: "a", Type: dataset.Integer, Declared: true},
				{Name: "b", Type: dataset.Number, Declared: true, Format: "1234,5"},
			},
			rows: [][]any{{int64(1234), 2.5}, {int64(5), 1.5}}, rejected: []string{"wrong_format 1.5"},
		},
		"plain numbers only": {
			text: "a;b\n1,5;x\n2,5;y\n", options: tabular.Options{
				Settings:  cell.Settings{Number: plain},
				Delimiter: ";",
			},
			rows: [][]any{{"1,5", "x"}, {"2,5", "y"}},
		},
		"time zone": { // 02:30 is in the gap of March, and twice in October
			text: "t\n2026-01-31 10:00\n2026-03-29 02:30\n2026-10-25 02:30\n2026-07-01T10:00:00Z\n2026-10-25 03:00\n",
			options: tabular.Options{
				Settings: cell.Settings{Zone: berlin},
			},
			rows: [][]any{
				{"2026-01-31T09:00:00Z"},
				{"2026-03-29T01:30:00Z"},
				{"2026-10-25T00:30:00Z"},
				{"2026-07-01T10:00:00Z"},
				{"2026-10-25T02:00:00Z"},
			},
		},
		"record limit": {
			text:    "a,b\n1," + strings.Repeat("x", 2000) + "\n2,y\n",
			options: tabular.Options{MaxRecordBytes: 1024},
			rows:    [][]any{{int64(2), "y"}}, rejected: []string{"record_too_long 1," + strings.Repeat("x", 198)},
		},
		"quote that doesn't close in the limit": {
			text:     "a,b\n1,\"x\n2,y\n3,z\n4,u\n5,v\n",
			options:  tabular.Options{MaxRecordBytes: 1024, Delimiter: ","},
			rows:     [][]any{{int64(2), "y"}, {int64(3), "z"}, {int64(4), "u"}, {int64(5), "v"}},
			rejected: []string{"unclosed_quote 1,\"x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, rejected, _ := rowsOf(t, c.text, c.options, c.columns...)
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.rejected, rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLargeRecordsAreRead reads records that are larger than a chunk and than
// the sample.
func TestLargeRecordsAreRead(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcde\n", 5<<16) // 5 MiB, with line endings
	for name, content := range map[string]string{
		"CSV":   "a,b\n0,x\n1,\"" + large + "\"\n2,y\n",
		"JSON":  `[{"a":1,"b":"` + strings.ReplaceAll(large, "\n", `\n`) + `"},{"a":2,"b":"y"}]`,
		"JSONL": `{"a":1,"b":"` + strings.ReplaceAll(large, "\n", `\n`) + "\"}\n{\"a\":2,\"b\":\"y\"}\n",
	} {
		rows, rejected, _ := rowsOf(t, content, tabular.Options{})
		rows = rows[max(0, len(rows)-2):]
		if diff := cmp.Diff([][]any{{int64(1), large}, {int64(2), "y"}}, rows); diff != "" || rejected != nil {
			t.Errorf("%s: rejected %.100q, %d rows", name, rejected, len(rows))
		}
	}
}

func TestObjectsOfAnotherFormatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		options tabular.Options
		reason  string
	}{
		"CSV for JSON":       {"a,b\n1,2\n", tabular.Options{Format: tabular.JSON}, "wrong_format"},
		"CSV for JSON lines": {"a,b\n1,2\n", tabular.Options{Format: tabular.JSONL}, "wrong_format"},
		"Parquet for CSV":    {parquetFile(t), tabular.Options{Format: tabular.CSV}, "wrong_format"},
		"CSV for Parquet":    {"a,b\n", tabular.Options{Format: tabular.Parquet}, "wrong_format"},
		"RAR":                {"Rar!\x1a\x07\x01\x00", tabular.Options{}, "wrong_format"},
		"7z":                 {"7z\xbc\xaf\x27\x1c", tabular.Options{}, "wrong_format"},
		"LZO":                {"\x89LZO\x00\r\n\x1a\n", tabular.Options{}, "wrong_format"},
		"plain for gzip":     {"a,b\n1,2\n", tabular.Options{Compression: "gzip"}, "damaged"},
		"gzip for none":      {pack(t, "a,b\n1,2\n"), tabular.Options{Compression: "none"}, "damaged"},
	} {
		_, _, _, err := readRows(t, c.content, c.options)
		if p := problem.From(err); err == nil || p.Reason != c.reason || p.Hint == "" {
			t.Errorf("%s: %v, reason %q, hint %q", name, err, p.Reason, p.Hint)
		}
	}
}

func TestDialectExplainsItself(t *testing.T) {
	t.Parallel()
	_, _, dialect := rowsOf(t, "sep=;\nid;v\n1;x\n", tabular.Options{Header: new(true)})
	want := tabular.Dialect{
		"name":               {Value: "csv", From: tabular.Inferred, Why: "content"},
		"encoding":           {Value: "utf-8", From: tabular.Inferred, Why: "valid_utf8"},
		"compression":        {Value: "none", From: tabular.Inferred, Why: "content"},
		"delimiter":          {Value: ";", From: tabular.Inferred, Why: "sep_line"},
		"quote":              {Value: `"`, From: tabular.Inferred, Why: "usual"},
		"escape":             {Value: "", From: tabular.Inferred, Why: "usual"},
		"comment":            {Value: "", From: tabular.Inferred, Why: "usual"},
		"skip_lines":         {Value: 1, From: tabular.Inferred, Why: "sep_line"},
		"header":             {Value: true, From: tabular.Declared},
		"trailing_delimiter": {Value: false, From: tabular.Inferred, Why: "usual"},
		"newline":            {Value: "\n", From: tabular.Inferred, Why: "found"},
		"null_markers": {
			Value: []string{"NULL", "N/A", "NaN", "NA", "#N/A", "None", `\N`}, From: tabular.Default,
		},
		"number_format":    {From: tabular.Inferred},
		"time_zone":        {Value: "UTC", From: tabular.Default},
		"max_record_bytes": {Value: 16 << 20, From: tabular.Default},
	}
	if diff := cmp.Diff(want, dialect); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
