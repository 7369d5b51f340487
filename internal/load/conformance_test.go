package load_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
)

var update = flag.Bool("update", false, "write docs/formats.md again")

const conformancePage = "../../docs/formats.md"

// conformanceIntro begins the page.
const conformanceIntro = `# What becomes of a file

A test writes this page: it makes each of these files, loads it into a new dataset, and reads the rows back
(` + "`go test ./internal/load -run TestFormatsPage -update`" + `). Nothing is declared unless the table says so.
The types are guesses, and a later value widens them; [Loading](loading.md) has the rules and the settings.

Below each table's columns are the first rows, as the data API returns them. A file that fails has the code of its
problem; the other objects of its load are loaded.
`

// made is a generated file, and the settings of its load.
type made struct {
	what    string
	key     string // default "a.csv"
	content []byte
	format  source.Format
}

// chapter is a table of the page.
type chapter struct {
	title, intro string
	files        []made
}

// TestFormatsPage loads each file, and compares what becomes of it with
// docs/formats.md.
func TestFormatsPage(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	page := bytes.NewBufferString(conformanceIntro)
	for i, c := range slices.Concat(textChapters(t), binaryChapters(t)) {
		fmt.Fprintf(page, "\n## %s\n\n", c.title)
		if c.intro != "" {
			fmt.Fprintf(page, "%s\n\n", c.intro)
		}
		page.WriteString("| file | becomes | notes |\n|---|---|---|\n")
		for j, f := range c.files {
			becomes, notes := h.become(t, fmt.Sprintf("c%d_%d", i, j), f)
			fmt.Fprintf(page, "| %s | %s | %s |\n", cellOf(f.what), cellOf(becomes), cellOf(notes))
		}
	}
	if *update {
		if err := os.WriteFile(conformancePage, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(conformancePage)
	if err != nil {
		t.Fatal(err)
	}
	if got := page.String(); got != string(want) {
		t.Errorf("docs/formats.md differs; go test ./internal/load -run TestFormatsPage -update writes it:\n%s",
			firstDifference(string(want), got))
	}
}

// firstDifference returns the first line that differs.
func firstDifference(want, got string) string {
	wanted := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(wanted) || wanted[i] != line {
			return fmt.Sprintf(
				"line %d\n-%s\n+%s",
				i+1,
				strings.Join(wanted[min(i, len(wanted)):min(i+1, len(wanted))], ""),
				line,
			)
		}
	}
	return "the page is longer"
}

// cellOf writes a text into a cell of a table.
func cellOf(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(text)
}

// shownRows is the number of rows of a file on the page.
const shownRows = 3

// maxShown is the number of columns on the page.
const maxShown = 6

// become loads a file and returns the result.
func (h *house) become(t *testing.T, name string, f made) (becomes, notes string) {
	t.Helper()
	key := name + "/a.csv"
	if f.key != "" {
		key = name + "/" + f.key
	}
	h.put(t, key, string(f.content))
	src, err := h.sources.Create(t.Context(), owner, workspaceID,
		source.Draft{CredentialID: "cred_1", Bucket: "bucket", Pattern: name + "/*", Format: f.format})
	if err != nil {
		return "refused", problem.From(err).Message
	}
	l, err := h.load(t, load.Order{Source: src.ID, Dataset: name})
	if err != nil || len(l.Problems) > 0 && l.Progress.Rows == 0 {
		reason := problem.From(err)
		code, message := cmp.Or(reason.Reason, string(reason.Code)), reason.Message
		if len(l.Problems) > 0 {
			code, message = l.Problems[0].Code, l.Problems[0].Reason
		}
		message = strings.TrimPrefix(message, "s3://bucket/"+key+" can't be read. ")
		return fmt.Sprintf("fails: `%s`", code), strings.ReplaceAll(message, name+"/", "")
	}
	var all []string
	if rejected := l.Progress.RejectedByReason; len(rejected) > 0 {
		for _, reason := range slices.Sorted(maps.Keys(rejected)) {
			all = append(all, fmt.Sprintf("Rejected: %d `%s`.", rejected[reason], reason))
		}
	}
	for _, p := range l.Problems {
		all = append(all, fmt.Sprintf("%s fails: `%s`.", strings.TrimPrefix(p.Key, name+"/"), p.Code))
	}
	for _, n := range l.Notes {
		if strings.Contains(n, "share them") || strings.Contains(n, "looks like a key") ||
			strings.HasPrefix(n, "Created the dataset") {
			continue // about the index, or in the table already
		}
		all = append(all, strings.ReplaceAll(n, name+"/", ""))
	}
	if h.count(t, name) < 0 {
		return "no dataset, outcome `" + string(l.Outcome) + "`", strings.Join(all, "\n")
	}
	return h.becameRows(t, name), strings.Join(all, "\n")
}

// becameRows returns a dataset's columns and its first rows.
func (h *house) becameRows(t *testing.T, name string) string {
	t.Helper()
	found := h.dataset(t, name)
	var columns, names []string
	for i, c := range found.Schema.Columns {
		if i == maxShown {
			columns = append(columns, fmt.Sprintf("and %d more", len(found.Schema.Columns)-i))
			break
		}
		columns = append(columns, code(c.Name)+" "+typeOf(c))
		names = append(names, c.Name)
	}
	rows, err := h.rows.Lookup(t.Context(), engine.Selection{
		DatasetID: found.ID, Schema: found.Schema, Columns: names, Order: engine.Ascending, Limit: shownRows,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	lines := []string{strings.Join(columns, ", ")}
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return strings.Join(lines, "\n")
		}
		for i := range b.Rows {
			var values []string
			for j := range b.Vectors {
				values = append(values, valueOf(t, &b.Vectors[j], i))
			}
			lines = append(lines, code(strings.Join(values, ", ")))
		}
	}
}

func typeOf(c dataset.Column) string {
	if c.Format != "" && c.Type != dataset.String {
		return c.TypeName() + " " + code(c.Format)
	}
	return c.TypeName()
}

func valueOf(t *testing.T, v *dataset.Vector, i int) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(tabular.Value(v, i)); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// code writes a text as code, even if it has a backquote.
func code(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}
