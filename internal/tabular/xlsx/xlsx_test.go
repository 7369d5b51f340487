package xlsx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// The parts of a workbook except its sheets.
const (
	relations = `<Relationships>` +
		`<Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="/xl/worksheets/two.xml"/>` +
		`</Relationships>`
	sheets = `<workbook>%s<sheets><sheet name="Old" state="hidden" r:id="r2"/><sheet name="New" r:id="r1"/></sheets></workbook>`
	// Formats: 0 General, 1 day, 2 moment, 3 clock, 4 duration, 5 an amount.
	styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/>` +
		`<numFmt numFmtId="165" formatCode="[h]:mm:ss"/><numFmt numFmtId="166" formatCode="&quot;days&quot; #,##0.00;[Red]\-0"/>` +
		`</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>` +
		`<xf numFmtId="164"/><xf numFmtId="20"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`
	shared = `<sst><si><t>zip</t></si><si><r><t>pri</t></r><r><t>ce</t></r><rPh><t>x</t></rPh></si><si><t>00501</t></si>` +
		`<si><t></t></si></sst>`
)

// workbook writes a workbook. rows are those of the sheet New.
func workbook(t testing.TB, settings, rows string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	files := append([]string{
		"xl/workbook.xml", fmt.Sprintf(sheets, settings), "xl/_rels/workbook.xml.rels", relations,
		"xl/styles.xml", styles,
		"xl/sharedStrings.xml", shared, "xl/worksheets/two.xml", sheetOf(`<row><c t="str"><v>old</v></c></row>`),
		"xl/worksheets/sheet1.xml", sheetOf(rows),
	}, more...)
	for i := 0; i < len(files); i += 2 {
		if slices.Contains(files[i+2:], files[i]) { // more has another one
			continue
		}
		m, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(m, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sheetOf(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }

// result is the result of reading a workbook.
type result struct {
	Types    []string
	Rows     []string
	Rejected []string
}

// read guesses the schema of a workbook and reads its rows.
func read(ctx context.Context, stored []byte, options tabular.Options, declared ...dataset.Column) (result, error) {
	var out result
	content, err := tabular.Open(ctx, tabular.Bytes("a.xlsx", stored), options)
	if err != nil {
		return out, err
	}
	defer content.Close() //nolint:errcheck // opened for reading
	schema, err := content.Infer(ctx)
	if err != nil {
		return out, err
	}
	if declared != nil {
		schema = dataset.Schema{Columns: declared}
	}
	for _, c := range schema.Columns {
		out.Types = append(out.Types, c.Name+" "+c.TypeName())
	}
	reader, err := content.Read(ctx, schema)
	if err != nil {
		return out, err
	}
	defer reader.Close()
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		for i := range b.Batch.Rows {
			var values []string
			for j := range b.Batch.Vectors {
				text, err := json.Marshal(tabular.Value(&b.Batch.Vectors[j], i))
				if err != nil {
					return out, err
				}
				values = append(values, string(text))
			}
			out.Rows = append(out.Rows, fmt.Sprintf("%d: %s", b.Batch.Lines[i], strings.Join(values, " ")))
		}
		for _, r := range b.Rejected {
			out.Rejected = append(out.Rejected, fmt.Sprintf("%d %s: %s", r.Line, r.Code, r.Reason))
		}
	}
}

// TestExcelize reads a workbook that excelize v2.11 wrote.
func TestExcelize(t *testing.T) {
	t.Parallel()
	stored, err := os.ReadFile("testdata/excelize.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t.Context(), stored, tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := result{
		Types: []string{
			"zip string", "price number", "n integer", "day date", "at date-time", "ok boolean",
			"sum any", "err any", "note string",
		},
		Rows: []string{
			`4: "00501" 0.1 46 "2026-01-31" "2026-01-31T10:15:00Z" true null null "a \u0026 \u003cb\u003e\nc"`,
			`5: "00501" 0.3 47 "2026-01-31" "2026-01-31T10:15:00Z" false null null "a \u0026 \u003cb\u003e\nc"`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	const header = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`
	pair := func(row int, first, second string) string {
		return fmt.Sprintf(`<row r="%d">%s%s</row>`, row, first, second)
	}
	zipCell := `<c t="s"><v>2</v></c>`
	number := func(style int, v string) string { return fmt.Sprintf(`<c s="%d"><v>%s</v></c>`, style, v) }
	no, one := false, 1
	for name, c := range map[string]struct {
		rows     string
		settings string
		options  tabular.Options
		want     result
	}{
		"whole and not": {
			rows: header + pair(2, zipCell, number(0, "5.0")) + pair(3, zipCell, number(0, "5.0000000000000003E-2")),
			want: result{
				Types: []string{"zip string", "price number"},
				Rows:  []string{`2: "00501" 5`, `3: "00501" 0.05`},
			},
		},
		"whole by value": {
			rows: header + pair(2, zipCell, number(0, "1E3")) + pair(3, zipCell, number(5, "-7.0")),
			want: result{
				Types: []string{"zip string", "price integer"},
				Rows:  []string{`2: "00501" 1000`, `3: "00501" -7`},
			},
		},
		"more digits than a double": {
			rows: header + pair(2, zipCell, number(0, "12345678901234567890")),
			want: result{
				Types: []string{"zip string", "price decimal(20,0)"},
				Rows:  []string{`2: "00501" 12345678901234567890`},
			},
		},
		"whole numbers of 16 and 17 digits": {
			rows: header + pair(2, zipCell, number(0, "9007199254740993")) +
				pair(3, zipCell, number(0, "-12345678901234567")) + pair(4, zipCell, number(0, "007")),
			want: result{
				Types: []string{"zip string", "price integer"},
				Rows:  []string{`2: "00501" 9007199254740993`, `3: "00501" -12345678901234567`, `4: "00501" 7`},
			},
		},
		"escapes": {
			rows: header + pair(2, `<c t="inlineStr"><is><t>a_x000A_b_x005F_x000D_</t></is></c>`,
				`<c t="inlineStr"><is><t>_xD83D__xDE00__xD83D__x12_</t></is></c>`),
			want: result{
				Types: []string{"zip string", "price string"},
				Rows:  []string{`2: "a\nb_x000D_" "😀�_x12_"`},
			},
		},
		"days": {
			rows: header + pair(2, number(1, "46053"), number(2, "46053.42708333333")) +
				pair(3, number(1, "59"), number(2, "61.5")),
			want: result{
				Types: []string{"zip date", "price date-time"},
				Rows: []string{
					`2: "2026-01-31" "2026-01-31T10:15:00Z"`, `3: "1900-02-28" "1900-03-01T12:00:00Z"`,
				},
			},
		},
		"days of 1904": {
			rows: header + pair(2, number(1, "44591"), number(2, "0")), settings: `<workbookPr date1904="1"/>`,
			want: result{
				Types: []string{"zip date", "price date-time"},
				Rows:  []string{`2: "2026-01-31" "1904-01-01T00:00:00Z"`},
			},
		},
		"the day that never was": {
			rows: header + pair(2, number(1, "60"), number(1, "46053")),
			want: result{
				Types: []string{"zip string", "price date"},
				Rows:  []string{`2: "1900-02-29" "2026-01-31"`},
			},
		},
		"clock and duration": {
			rows: header + pair(2, number(3, "0.42708333333333331"), number(4, "1.5")),
			want: result{
				Types: []string{"zip string", "price number"},
				Rows:  []string{`2: "10:15:00" 1.5`},
			},
		},
		"texts that look like dates and numbers": {
			rows: header + pair(2, `<c t="str"><v>2026-01-31</v></c>`, `<c t="inlineStr"><is><r><t>1</t></r><r><t>2</t></r></is></c>`),
			want: result{
				Types: []string{"zip string", "price string"},
				Rows:  []string{`2: "2026-01-31" "12"`},
			},
		},
		"numbers and texts": {
			rows: header + pair(2, zipCell, number(0, "1")) + pair(3, number(0, "501"), zipCell),
			want: result{
				Types: []string{"zip any", "price any"},
				Rows:  []string{`2: "00501" 1`, `3: 501 "00501"`},
			},
		},
		"errors, empty texts, booleans and ISO days": {
			rows: header + pair(2, `<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`, `<c t="b"><v>1</v></c>`) +
				pair(3, `<c t="s"><v>3</v></c>`, `<c t="b"><v>0</v></c>`) +
				pair(4, `<c t="d"><v>2026-01-31T00:00:00</v></c>`, `<c s="1"/>`),
			want: result{
				Types: []string{"zip date", "price boolean"},
				Rows:  []string{"2: null true", "3: null false", `4: "2026-01-31" null`},
			},
		},
		"a title, a gap and cells beside the table": {
			rows: pair(2, zipCell, "") + strings.ReplaceAll(header, `r="1"`, `r="4"`) +
				pair(6, zipCell, number(0, "1")) +
				`<row r="9"><c r="B9"><v>2</v></c></row>` + manyRows(10, 300, number(0, "1")) +
				`<row r="400"><c r="D400"><v>7</v></c></row>`,
			want: result{
				Types:    []string{"zip string", "price integer"},
				Rows:     append([]string{`6: "00501" 1`, "9: null 2"}, manyResults(10, 300)...),
				Rejected: []string{"400 field_count: should have no cell in column D, which has no name"},
			},
		},
		"rows of errors": {
			rows: header + pair(2, `<c t="e"><v>#N/A</v></c>`, `<c t="str"><v></v></c>`) +
				pair(3, `<c s="1"/>`, "<c/>") +
				pair(4, zipCell, number(0, "1")),
			want: result{
				Types: []string{"zip string", "price integer"},
				Rows:  []string{"2: null null", `4: "00501" 1`},
			},
		},
		"no header": {
			rows: pair(1, number(0, "1"), zipCell) + pair(2, number(0, "2"), zipCell),
			want: result{
				Types: []string{"column_1 integer", "column_2 string"},
				Rows:  []string{`1: 1 "00501"`, `2: 2 "00501"`},
			},
		},
		"declared": {
			rows:    pair(1, zipCell, zipCell) + pair(2, zipCell, zipCell) + pair(3, zipCell, zipCell),
			options: tabular.Options{SkipLines: &one, Header: &no},
			want: result{
				Types: []string{"column_1 string", "column_2 string"},
				Rows:  []string{`2: "00501" "00501"`, `3: "00501" "00501"`},
			},
		},
		"a hidden sheet by name": {
			options: tabular.Options{Sheet: "Old", Header: &no},
			want:    result{Types: []string{"column_1 string"}, Rows: []string{`1: "old"`}},
		},
		"years for names": {
			rows: pair(1, zipCell, number(0, "2025")) + pair(2, zipCell, number(0, "5")),
			want: result{
				Types: []string{"00501 string", "2025 integer"},
				Rows:  []string{`2: "00501" 5`},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t.Context(), workbook(t, c.settings, c.rows), c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// manyRows returns rows whose first cell is empty.
func manyRows(from, to int, second string) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c/>%s</row>`, i, second)
	}
	return b.String()
}

func manyResults(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("%d: null 1", i))
	}
	return all
}

// TestDeclaredColumns casts cells into declared columns.
func TestDeclaredColumns(t *testing.T) {
	t.Parallel()
	rows := `<row><c t="str"><v>zip</v></c><c t="str"><v>price</v></c></row>` +
		`<row><c><v>501</v></c><c t="str"><v>7</v></c></row><row><c t="str"><v>x</v></c><c t="str"><v>y</v></c></row>`
	got, err := read(t.Context(), workbook(t, "", rows), tabular.Options{},
		dataset.Column{Name: "zip", Type: dataset.String, Declared: true},
		dataset.Column{Name: "price", Type: dataset.Integer, Declared: true})
	if err != nil {
		t.Fatal(err)
	}
	want := result{
		Types: []string{"zip string", "price integer"}, Rows: []string{`2: "501" 7`},
		Rejected: []string{"3 wrong_type: .price should be integer"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSharedTextsAreBounded reads workbooks whose cells repeat a shared text of 1 MB,
// with limited memory.
func TestSharedTextsAreBounded(t *testing.T) {
	t.Parallel()
	texts := `<sst><si><t>` + strings.Repeat("x", 1<<20) + `</t></si></sst>`
	row := func(cells int) string {
		return "<row>" + strings.Repeat(`<c t="s"><v>0</v></c>`, cells) + "</row>"
	}
	names := `<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>`
	short := `<row><c><v>1</v></c><c><v>2</v></c></row>`
	for name, c := range map[string]struct {
		rows     string
		rejected []string
		want     string // the error
	}{
		"a row over the limit": {
			rows:     names + short + row(17) + short,
			rejected: []string{"3 record_too_long: should NOT be larger than 16777216 bytes"},
		},
		"a first row over the limit": {rows: row(17) + short, want: "first row"},
		"the largest row":            {rows: names + short + row(16_384), want: "more bytes than the limit"},
		"many rows":                  {rows: names + strings.Repeat(row(2), 1000), want: "more bytes than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t.Context(), workbook(t, "", c.rows, "xl/sharedStrings.xml", texts), tabular.Options{})
			if c.want != "" {
				if err == nil || !strings.Contains(problem.From(err).Message, c.want) {
					t.Errorf("%v, want …%s…", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.rejected, got.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"2: 1 2", "4: 1 2"}, got.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParts finds the parts of a workbook by their relationships, and refuses those that
// are cut off.
func TestParts(t *testing.T) {
	t.Parallel()
	const (
		kinds   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
		sheet   = `<Relationship Id="r1" Target="worksheets/sheet1.xml"/>`
		rows    = `<row><c t="s"><v>0</v></c></row><row><c s="1"><v>46053</v></c></row>`
		whole   = `<worksheet><sheetData>` + rows
		missing = `<Relationships><Relationship Id="r1" Target="x.xml"/></Relationships>`
	)
	related := func(more string) string { return `<Relationships>` + sheet + more + `</Relationships>` }
	const rels, texts, looks = "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
	for name, c := range map[string]struct {
		parts []string
		want  string // the first column, or the error
	}{
		"usual names": {nil, "zip date"},
		"by relationship": {[]string{
			rels, related(`<Relationship Type="` + kinds + `sharedStrings" Target="Texts.xml"/>` +
				`<Relationship Type="` + kinds + `styles" Target="/look.xml"/>`),
			"xl/Texts.xml", `<sst><si><t>day</t></si></sst>`,
			"look.xml", `<styleSheet><cellXfs><xf/><xf numFmtId="1"/></cellXfs></styleSheet>`,
		}, "day integer"},
		"a missing part": {[]string{
			rels, related(`<Relationship Type="` + kinds + `styles" Target="look.xml"/>`),
		}, `no part "xl/look.xml"`},
		"a missing sheet":            {[]string{rels, missing}, "no part"},
		"a sheet that is cut off":    {[]string{"xl/worksheets/sheet1.xml", whole}, "unexpected EOF"},
		"a sheet without its end":    {[]string{"xl/worksheets/sheet1.xml", whole + "</sheetData>"}, "unexpected EOF"},
		"an empty sheet part":        {[]string{"xl/worksheets/sheet1.xml", ""}, "unexpected EOF"},
		"texts that are cut off":     {[]string{texts, `<sst><si><t>zip</t></si>`}, "unexpected EOF"},
		"styles that are cut off":    {[]string{looks, `<styleSheet><cellXfs><xf/>`}, "unexpected EOF"},
		"relationships cut off":      {[]string{rels, `<Relationships>` + sheet}, "unexpected EOF"},
		"a workbook that is cut off": {[]string{"xl/workbook.xml", `<workbook><sheets>`}, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t.Context(), workbook(t, "", rows, c.parts...), tabular.Options{})
			text := strings.Join(got.Types, ", ")
			if err != nil {
				text = problem.From(err).Message
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("got %s, want …%s…", text, c.want)
			}
		})
	}
}

// TestAttackHostileWorkbooks checks that damaged and too large workbooks are
// refused, with limited memory.
func TestAttackHostileWorkbooks(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 3<<20)
	for name, c := range map[string]struct {
		stored []byte
		want   string
	}{
		"no cells":                {workbook(t, "", ""), "has no cells"},
		"cut off":                 {workbook(t, "", `<row><c><v>1`)[:0], "empty"},
		"a row that isn't closed": {workbook(t, "", `<row><c><v>1</v></c></row><row><c><v>2</v>`), "damaged"},
		"rows out of order":       {workbook(t, "", `<row r="5"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>`), "order"},
		"too many cells":          {workbook(t, "", `<row><c r="ZZZZ1"><v>1</v></c></row>`), "too many cells"},
		"a text of 3 MiB":         {workbook(t, "", `<row><c t="str"><v>`+text+`</v></c></row>`), "too long"},
		"an attribute of 3 MiB":   {workbook(t, "", `<row x="`+text+`"><c><v>1</v></c></row>`), "too long"},
		"no such shared text":     {workbook(t, "", `<row><c t="s"><v>99</v></c></row>`), "shared text"},
		"an entity":               {workbook(t, "", `<!DOCTYPE x [<!ENTITY a "b">]><row><c t="str"><v>&a;</v></c></row>`), "damaged"},
		"a bomb":                  {workbook(t, "", `<row><c><v>1</v></c></row>`+strings.Repeat(" ", 400<<20)), "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t.Context(), c.stored, tabular.Options{})
			if err == nil || !strings.Contains(problem.From(err).Message, c.want) {
				t.Errorf("got %v and %+v, want …%s…", err, got, c.want)
			}
		})
	}
}

func TestOtherFormatsAreRefused(t *testing.T) {
	t.Parallel()
	stored := workbook(t, "", `<row><c><v>1</v></c></row>`)
	for name, c := range map[string]struct {
		stored  []byte
		options tabular.Options
		want    string
	}{
		"declared as CSV":          {stored, tabular.Options{Format: tabular.CSV}, "It is an Excel workbook"},
		"no workbook":              {[]byte("a,b\n1,2\n"), tabular.Options{Format: tabular.XLSX}, "It isn't an Excel"},
		"a sheet that isn't there": {stored, tabular.Options{Sheet: "x"}, `no sheet "x". It has Old, New.`},
	} {
		if _, err := read(t.Context(), c.stored, c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", name, err, c.want)
		}
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row><c s="1"><v>5</v></c></row>`)
	f.Add(`<row><c t="inlineStr"><is><t>x</t><rPh><t>y</t></rPh></is></c><c t="d"><v>2026</v></c></row>`)
	f.Add(`<row><c s="4"><v>-1e400</v></c>`)
	f.Fuzz(func(t *testing.T, rows string) {
		ctx := t.Context()
		got, err := read(ctx, workbook(t, "", rows), tabular.Options{})
		if err == nil && len(got.Types) == 0 {
			t.Error("neither columns nor an error")
		}
		if err != nil && problem.From(err).Code == problem.Internal {
			t.Errorf("%v isn't a problem", err)
		}
	})
}

func FuzzStyle(f *testing.F) {
	for _, format := range []string{"General", "yyyy-mm-dd", "[h]:mm", `"d"0`, `\d0`, "[", "\""} {
		f.Add(format, 46053.5)
	}
	f.Fuzz(func(t *testing.T, format string, serial float64) {
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(format)
		rows := fmt.Sprintf(`<row><c t="str"><v>a</v></c></row><row><c s="0"><v>%g</v></c></row>`, serial)
		styled := `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="` + escaped + `"/></numFmts><cellXfs>` +
			`<xf numFmtId="200"/></cellXfs></styleSheet>`
		_, _ = read(t.Context(), workbook(t, "", rows, "xl/styles.xml", styled), tabular.Options{})
	})
}
