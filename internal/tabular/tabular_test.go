package tabular_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	pq "github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// seen is the detected format of an object.
type seen struct {
	Format   tabular.Format
	Columns  string
	Rows     int
	Rejected int
	Notes    []string
}

func read(ctx context.Context, input tabular.Input, options tabular.Options) (seen, error) {
	content, err := tabular.Open(ctx, input, options)
	if err != nil {
		return seen{}, err
	}
	defer content.Close() //nolint:errcheck // nothing was written
	schema, err := content.Infer(ctx)
	if err != nil {
		return seen{}, err
	}
	reader, err := content.Read(ctx, schema)
	if err != nil {
		return seen{}, err
	}
	defer reader.Close()
	got := seen{Format: content.Format, Notes: content.Notes()}
	var columns []string
	for _, c := range schema.Columns {
		columns = append(columns, c.Name+":"+string(c.Type))
	}
	got.Columns = strings.Join(columns, " ")
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		got.Rows += b.Batch.Rows
		got.Rejected += len(b.Rejected)
	}
}

func pack(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parquetFile(t *testing.T) string {
	t.Helper()
	type row struct {
		Name string `parquet:"name"`
		N    int64  `parquet:"n"`
	}
	var b bytes.Buffer
	if err := pq.Write(&b, []row{{"x", 1}, {"y", 2}}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestContentTellsTheFormat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, content string
		options      tabular.Options
		want         seen
	}{
		"CSV": {
			"k", "a,b\n1,x\n2,y\n",
			tabular.Options{},
			seen{Format: tabular.CSV, Columns: "a:integer b:string", Rows: 2},
		},
		"CSV with a BOM": {
			"k", "\ufeffa,b\n1,x\n",
			tabular.Options{},
			seen{Format: tabular.CSV, Columns: "a:integer b:string", Rows: 1},
		},
		"lines that disagree": {
			"k", strings.Repeat("a,b,c\n", 7) + "d\ne\nf\n",
			tabular.Options{},
			seen{
				Format: tabular.CSV, Columns: "a,b,c:string", Rows: 9,
				Notes: []string{`The lines are read as one column, because they disagree: with the delimiter ",", 7 of the ` +
					`first 10 (70 %) have 3 fields. If it is a table, declare the delimiter; the other lines are then rejected.`},
			},
		},
		"text with a comma now and then": {
			"k", "well, yes\nno\nno\nno\n",
			tabular.Options{},
			seen{Format: tabular.CSV, Columns: "well, yes:string", Rows: 3},
		},
		"lines that disagree with a declared delimiter": {
			"k", strings.Repeat("a,b,c\n", 7) + "d\ne\nf\n",
			tabular.Options{Delimiter: ","},
			seen{Format: tabular.CSV, Columns: "a:string b:string c:string", Rows: 6, Rejected: 3},
		},
		"text named like gzip": {
			"k.csv.gz", "a,b\n1,x\n",
			tabular.Options{},
			seen{
				Format: tabular.CSV, Columns: "a:integer b:string", Rows: 1,
				Notes: []string{"The key ends in .gz, but the object isn't compressed. It is read as it is."},
			},
		},
		"text named like Parquet, with its format": {
			"k.parquet", "a,b\n1,x\n",
			tabular.Options{Format: tabular.CSV},
			seen{Format: tabular.CSV, Columns: "a:integer b:string", Rows: 1},
		},
		"CSV in gzip": {
			"k", pack(t, "a,b\n1,x\n2,y\n"),
			tabular.Options{},
			seen{Format: tabular.CSV, Columns: "a:integer b:string", Rows: 2},
		},
		"tabs": {
			"k.json", "a\tb\n1\tx\n",
			tabular.Options{},
			seen{Format: tabular.CSV, Columns: "a:integer b:string", Rows: 1},
		},
		"chosen TSV": {
			"k", "a,x\tb\n1\tx\n",
			tabular.Options{Format: tabular.TSV},
			seen{Format: tabular.TSV, Columns: "a,x:integer b:string", Rows: 1},
		},
		"chosen PSV": {
			"k", "a,x|b\n1|x\n",
			tabular.Options{Format: tabular.PSV},
			seen{Format: tabular.PSV, Columns: "a,x:integer b:string", Rows: 1},
		},
		"array": {
			"k.csv", `[{"a":1},{"a":2}]`,
			tabular.Options{},
			seen{Format: tabular.JSON, Columns: "a:integer", Rows: 2},
		},
		"document": {
			"k", `{"type":"x","features":[{"a":1}]}`,
			tabular.Options{},
			seen{
				Format: tabular.JSON, Columns: "a:integer", Rows: 1,
				Notes: []string{"The records were found at $.features[*]."},
			},
		},
		"at a path": {
			"k", `{"x":[{"a":1}],"y":[{"b":"z"}]}`,
			tabular.Options{JSONPath: "$.y[*]"},
			seen{Format: tabular.JSON, Columns: "b:string", Rows: 1},
		},
		"lines": {
			"k", "{\"a\":1}\n{\"a\":2}\n",
			tabular.Options{},
			seen{Format: tabular.JSONL, Columns: "a:integer", Rows: 2},
		},
		"one line": {
			"k.jsonl.gz", pack(t, "{\"a\":1,\"l\":[{\"b\":2}]}\n"),
			tabular.Options{},
			seen{Format: tabular.JSONL, Columns: "a:integer l:array", Rows: 1},
		},
		"concatenated on a line": {
			"k.jsonl", "{\"a\":1}{\"a\":2} {\"a\":3}\n{\"a\":4}\n",
			tabular.Options{},
			seen{Format: tabular.JSONL, Columns: "a:integer", Rows: 4},
		},
		"concatenated over lines, as declared": {
			"k", "{\n\"a\":1,\"l\":[{\"b\":1}]\n}\n{\n\"a\":2\n}\n",
			tabular.Options{Format: tabular.JSONL},
			seen{Format: tabular.JSONL, Columns: "a:integer l:array", Rows: 2},
		},
		"lines whose first is broken": {
			"k.jsonl", "{\"a\":\n{\"a\":2}\n{\"a\":3}\n",
			tabular.Options{},
			seen{Format: tabular.JSONL, Columns: "a:integer", Rows: 2, Rejected: 1},
		},
		"documents": {
			"k", "{\n\"a\":1}\n{\n\"a\":2}\n",
			tabular.Options{},
			seen{Format: tabular.JSON, Columns: "a:integer", Rows: 2},
		},
		"Parquet": {
			"k.csv", parquetFile(t),
			tabular.Options{},
			seen{Format: tabular.Parquet, Columns: "name:string n:integer", Rows: 2},
		},
		"no header": {
			"k", "1,2\n3,4\n",
			tabular.Options{},
			seen{
				Format: tabular.CSV, Columns: "column_1:integer column_2:integer", Rows: 2,
				Notes: []string{"The first record is read as a row, because it has values of the types of the records below."},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t.Context(), tabular.Bytes(c.key, []byte(c.content)), c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	packed := pack(t, strings.Repeat("a,b\n1,2\n", 100_000))
	for name, c := range map[string]struct {
		content string
		options tabular.Options
		want    string
	}{
		"empty":         {"", tabular.Options{}, "It is empty."},
		"empty in gzip": {pack(t, ""), tabular.Options{}, "It is empty."},
		"truncated gzip": {
			packed[:len(packed)/2],
			tabular.Options{},
			fmt.Sprintf("Its gzip data is cut off: it ends at byte %d, before it is complete.", len(packed)/2),
		},
		"members alike":    {`[{"a":1,"A":2}]`, tabular.Options{}, `differ only in case`},
		"zip":              {"PK\x03\x04rest", tabular.Options{}, "The zip archive is damaged or cut off"},
		"HTML":             {"<!DOCTYPE html><p>denied", tabular.Options{}, "an HTML page"},
		"packed Parquet":   {pack(t, parquetFile(t)), tabular.Options{}, "Parquet file inside gzip data"},
		"chosen Parquet":   {"a,b\n", tabular.Options{Format: tabular.Parquet}, "The file isn't a Parquet file"},
		"empty array":      {"[]", tabular.Options{}, "no record to guess"},
		"a path elsewhere": {`{"a":[{"b":1}]}`, tabular.Options{JSONPath: "$.c[*]"}, "no record to guess"},
		"a bad path":       {`{"a":[{"b":1}]}`, tabular.Options{JSONPath: "$.a[?"}, "isn't valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t.Context(), tabular.Bytes("key", []byte(c.content)), c.options)
			if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), c.want) || problem.From(err).
				Hint == "" {
				t.Errorf("got %v, want …%s… and a hint", err, c.want)
			}
		})
	}
}

func TestIgnoredColumnsAreNoted(t *testing.T) {
	t.Parallel()
	schema := dataset.Schema{Columns: []dataset.Column{{Name: "a", Type: dataset.Integer, AllowNull: true}}}
	for _, text := range []string{"a,b\n1,2\n", `[{"a":1,"b":2}]`} {
		content, err := tabular.Open(t.Context(), tabular.Bytes("k", []byte(text)), tabular.Options{})
		if err != nil {
			t.Fatal(err)
		}
		reader, err := content.Read(t.Context(), schema)
		if err != nil {
			t.Fatal(err)
		}
		reader.Close()
		if diff := cmp.Diff([]string{`The dataset has no column for "b"; they were ignored.`},
			content.Notes()); diff != "" {
			t.Errorf("notes of %s (-want +got):\n%s", text, diff)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTextInABinaryFile refuses text under a key that names a binary format.
func TestTextInABinaryFile(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"a.parquet": "not a Parquet file", "a.PARQUET": "not a Parquet file", "a.avro": "not an Avro file",
		"a.xlsx": "not an Excel workbook", "a.orc": "not an ORC file", "a.parquet.gz": "not a Parquet file",
	} {
		for content, options := range map[string]tabular.Options{
			"a,b\n1,2\n": {}, `{"a":1}`: {Format: tabular.Auto}, pack(t, "a,b\n1,2\n"): {},
		} {
			_, err := read(t.Context(), tabular.Bytes(key, []byte(content)), options)
			if !strings.Contains(fmt.Sprint(err), want) || problem.From(err).Reason != tabular.WrongFormat {
				t.Errorf("%s: got %v, want …%s…", key, err, want)
			}
		}
	}
}

// TestStoppingEarlyLeavesNothingRunning closes while there is more to read.
func TestStoppingEarlyLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	content, err := tabular.Open(t.Context(), tabular.Bytes("k", []byte("a,b\n"+strings.Repeat("1,2\n", 2_000_000))),
		tabular.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := content.Infer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reader, err := content.Read(t.Context(), schema)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader.Close() // returns when every goroutine has ended
	if err := content.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnEndedContextEndsTheReading(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	content, err := tabular.Open(ctx, tabular.Bytes("k", []byte("a,b\n"+strings.Repeat("1,2\n", 2_000_000))),
		tabular.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // nothing was written
	schema, err := content.Infer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := content.Read(ctx, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	cancel()
	for err == nil {
		_, err = reader.Next(ctx)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
