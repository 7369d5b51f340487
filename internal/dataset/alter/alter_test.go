package alter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/rowtext"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/tabular"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

type counted struct{ *segment.Engine }

func (c counted) Size(ctx context.Context, datasetID string) (count, bytes int64, err error) {
	stats, err := c.Stats(ctx, datasetID)
	return stats.Rows, stats.Bytes, err
}

// fixture is a dataset with rows.
type fixture struct {
	*alter.Service
	datasets  *dataset.Service
	store     *store.Store
	rows      *segment.Engine
	workspace string
	owner     access.Actor
	loads     int
}

func open(t *testing.T, state *store.Store) *fixture {
	t.Helper()
	f := &fixture{store: state, rows: segmenttest.Open(t, state), workspace: storetest.Workspace(t, state, "demo")}
	f.owner = access.Actor{
		Kind: access.Member, ID: "mem_1", Workspace: f.workspace, Member: "mem_1", Role: access.Owner,
	}
	f.datasets = dataset.New(dataset.Config{
		Checker: access.NewChecker(discard{}, time.Now), Store: state, Rows: counted{f.rows}, Now: time.Now,
	})
	f.Service = alter.New(alter.Config{Datasets: f.datasets, Store: state, Rows: f.rows, Now: time.Now})
	return f
}

// make creates the dataset "d".
func (f *fixture) make(t *testing.T, schema dataset.Schema) {
	t.Helper()
	for i := range schema.Columns {
		schema.Columns[i].AllowNull = true
	}
	if _, err := f.datasets.Create(t.Context(), f.owner, f.workspace,
		dataset.Draft{Name: "d", Schema: schema}); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) get(t *testing.T) dataset.Dataset {
	t.Helper()
	found, err := f.datasets.Get(t.Context(), f.owner, f.workspace, "d")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// load loads a file into "d" and returns how many rows were rejected.
func (f *fixture) load(t *testing.T, name, content string) int {
	t.Helper()
	d := f.get(t)
	c, err := tabular.Open(t.Context(), tabular.Bytes(name, []byte(content)), tabular.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // it was only read
	c.SetNames(d.Schema.Names())
	reader, err := c.Read(t.Context(), d.Schema)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	f.loads++
	l, err := f.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: fmt.Sprint("load_", f.loads), DatasetID: d.ID, Schema: d.Schema, Duplicates: engine.Ignore,
		Time: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	rejected := 0
	for {
		b, err := reader.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rejected += len(b.Rejected)
		if err := l.Append(t.Context(), &b.Batch); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return rejected
}

// read returns the rows of "d" as JSON, in the order of loading.
func (f *fixture) read(t *testing.T) []string {
	t.Helper()
	d := f.get(t)
	rows, err := f.rows.Lookup(t.Context(), engine.Selection{
		DatasetID: d.ID, Schema: d.Schema, Order: engine.Ascending, Limit: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	var found []string
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return found
		}
		for i := range b.Rows {
			var line []byte
			for j := range b.Vectors {
				if j > 0 {
					line = append(line, ' ')
				}
				line = rowtext.AppendJSON(line, &b.Vectors[j], i)
			}
			found = append(found, string(line))
		}
	}
}

func (f *fixture) order(t *testing.T, operations ...alter.Operation) alter.Order {
	t.Helper()
	return alter.Order{Version: f.get(t).Version, Apply: alter.Convert, AcceptLoss: true, Operations: operations}
}

func (f *fixture) change(t *testing.T, order alter.Order) *alter.Report {
	t.Helper()
	report, err := f.Change(t.Context(), f.owner, f.workspace, "d", order)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (f *fixture) expect(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, f.read(t)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func set(name string, c dataset.Column) alter.Operation {
	o := alter.Operation{Op: alter.Set, Name: name}
	o.Type = &c.Type
	if c.Type == dataset.Decimal {
		o.Precision, o.Scale = &c.Precision, &c.Scale
	}
	if c.Format != "" {
		o.Format = &c.Format
	}
	return o
}

func column(name string, t dataset.Type) dataset.Column { return dataset.Column{Name: name, Type: t} }

// conversions is the table of conversions: values of a type, and what becomes of
// them. A text beginning with "!" is the code of a rejection, one ending in "~" is
// rounded.
var conversions = []struct {
	from, to dataset.Column
	values   string // with blanks between
	want     string
}{
	{
		column("", "string"), column("", "integer"), "7 -1 007 1.5 x 99999999999999999999",
		"7 -1 7 !wrong_type !wrong_type !out_of_range",
	},
	{column("", "string"), decimal(5, 2), "7 1.5 1.50 1.555 1000", "7.00 1.50 1.50 !out_of_range !out_of_range"},
	{
		column("", "string"), column("", "number"), "0.1 1e3 x 0.12345678901234567890",
		"0.1 1000 !wrong_type 0.12345678901234568~",
	},
	{column("", "string"), column("", "boolean"), "true F yes 2", "true false true !wrong_type"},
	{column("", "string"), column("", "date"), "2026-01-31 31.1.2026", `"2026-01-31" !wrong_format`},
	{column("", "string"), dataset.Column{Type: dataset.Date, Format: "D.M.YYYY"}, "31.1.2026", `"2026-01-31"`},
	{column("", "string"), column("", "date-time"), "2026-01-31T01:02:03Z x", `"2026-01-31T01:02:03Z" !wrong_format`},
	{column("", "string"), column("", "any"), `{"a":1} NA 1.50 "x"`, `{"a":1} "NA" 1.50 "x"`},
	{column("", "string"), column("", "object"), `{"a":1} [1] x`, `{"a":1} !wrong_type !wrong_type`},
	{column("", "integer"), column("", "string"), "7", `"7"`},
	{column("", "integer"), decimal(3, 1), "7 100", "7.0 !out_of_range"},
	{
		column("", "integer"), column("", "number"), "7 9007199254740992 9007199254740993",
		"7 9007199254740992 9007199254740992~",
	},
	{column("", "integer"), column("", "boolean"), "1 0 2", "true false !wrong_type"},
	{
		column("", "integer"),
		dataset.Column{Type: dataset.DateTime, Format: "epoch-seconds"},
		"0 86400",
		`"1970-01-01T00:00:00Z" "1970-01-02T00:00:00Z"`,
	},
	{
		column("", "integer"),
		dataset.Column{Type: dataset.Date, Format: "epoch-seconds"},
		"86400 86401",
		`"1970-01-02" "1970-01-02"~`,
	},
	{column("", "integer"), column("", "any"), "7", "7"},
	{decimal(9, 2), column("", "string"), "1.50", `"1.5"`},
	{decimal(9, 2), column("", "integer"), "1.00 1.50", "1 !wrong_type"},
	{decimal(9, 2), decimal(9, 1), "1.50 1.55", "1.5 !out_of_range"},
	{decimal(38, 20), column("", "number"), "1.5 0.12345678901234567890", "1.5 0.12345678901234568~"},
	{
		decimal(20, 0),
		dataset.Column{Type: dataset.DateTime, Format: "epoch-milliseconds"},
		"1000",
		`"1970-01-01T00:00:01Z"`,
	},
	{decimal(9, 2), column("", "any"), "1.50", "1.5"},
	{column("", "number"), column("", "string"), "1.50 1e3", `"1.5" "1000"`},
	{column("", "number"), column("", "integer"), "1 1.5 1e30", "1 !wrong_type !out_of_range"},
	{column("", "number"), decimal(5, 2), "0.1 0.125", "0.10 !out_of_range"},
	{column("", "boolean"), column("", "string"), "true", `"true"`},
	{column("", "boolean"), column("", "integer"), "true false", "1 0"},
	{column("", "boolean"), decimal(2, 1), "true", "1.0"},
	{column("", "boolean"), column("", "number"), "true", "1"},
	{column("", "boolean"), column("", "any"), "true", "true"},
	{column("", "date"), column("", "string"), "2026-01-31", `"2026-01-31"`},
	{column("", "date"), column("", "date-time"), "2026-01-31", `"2026-01-31T00:00:00Z"`},
	{column("", "date"), column("", "any"), "2026-01-31", `"2026-01-31"`},
	{
		column("", "date-time"), column("", "date"), "2026-01-31T00:00:00Z 1969-12-31T23:00:00Z",
		`"2026-01-31" "1969-12-31"~`,
	},
	{column("", "date-time"), column("", "string"), "2026-01-31T01:02:03Z", `"2026-01-31T01:02:03Z"`},
	{column("", "object"), column("", "string"), `{"a":1}`, `"{\"a\":1}"`},
	{column("", "array"), column("", "any"), `[1]`, `[1]`},
	{column("", "any"), column("", "integer"), `7 "7" true`, "7 !wrong_type !wrong_type"},
	{column("", "any"), decimal(5, 2), `7.5 "7"`, "7.50 !wrong_type"},
	{column("", "any"), column("", "number"), `7.5 [1]`, "7.5 !wrong_type"},
	{column("", "any"), column("", "boolean"), `true 1`, "true !wrong_type"},
	{column("", "any"), column("", "date"), `"2026-01-31" 1`, `"2026-01-31" !wrong_type`},
	{column("", "any"), column("", "date-time"), `"2026-01-31T01:02:03Z"`, `"2026-01-31T01:02:03Z"`},
	{column("", "any"), column("", "object"), `{"a":1} [1]`, `{"a":1} !wrong_type`},
}

func decimal(precision, scale int) dataset.Column {
	return dataset.Column{Type: dataset.Decimal, Precision: precision, Scale: scale}
}

func TestConversions(t *testing.T) {
	t.Parallel()
	for _, tc := range conversions {
		t.Run(tc.from.TypeName()+" to "+tc.to.TypeName()+tc.to.Format, func(t *testing.T) {
			t.Parallel()
			f := open(t, storetest.Open(t))
			tc.from.Name = "v"
			f.make(t, dataset.Schema{Columns: []dataset.Column{column("n", dataset.Integer), tc.from}})
			values, content := strings.Fields(tc.values), "n,v\n"
			for i, v := range values {
				content += fmt.Sprintf("%d,\"%s\"\n", i, strings.ReplaceAll(v, `"`, `""`))
			}
			if rejected := f.load(t, "a.csv", content); rejected > 0 {
				t.Fatalf("%d rows of the file were rejected", rejected)
			}
			var rows []string
			var rounds, rejects int64
			for i, w := range strings.Fields(tc.want) {
				text, rounded := strings.CutSuffix(w, "~")
				switch {
				case strings.HasPrefix(w, "!"):
					rejects++
					continue
				case rounded:
					rounds++
				}
				rows = append(rows, fmt.Sprintf("%d %s", i, text))
			}
			order := f.order(t, set("v", tc.to))
			order.DryRun = true
			dry := f.change(t, order).Operations[0]
			converts := int64(len(rows))
			if dry.Converts != converts || dry.Rejects != rejects || dry.Rounds != rounds {
				t.Errorf("a dry run says %+v, want %d, %d and %d", dry, converts, rejects, rounds)
			}
			order.DryRun = false
			report := f.change(t, order)
			f.expect(t, rows...)
			var codes []string
			if err := f.rows.Rejects(t.Context(), report.Load, func(r dataset.Rejected) error {
				codes = append(codes, "!"+string(r.Code))
				if !strings.HasPrefix(r.Raw, `{"n":`) {
					t.Errorf("the rejected row is %q", r.Raw)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			var wanted []string
			for _, w := range strings.Fields(tc.want) {
				if strings.HasPrefix(w, "!") {
					wanted = append(wanted, w)
				}
			}
			if diff := cmp.Diff(wanted, codes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConversionsThatThereAreNot(t *testing.T) {
	t.Parallel()
	f := open(t, storetest.Open(t))
	types := []dataset.Type{
		dataset.String, dataset.Integer, dataset.Decimal, dataset.Number, dataset.Boolean, dataset.Date,
		dataset.DateTime,
		dataset.Object, dataset.Array, dataset.Any,
	}
	var schema dataset.Schema
	for _, typ := range types {
		c := column(string(typ), typ)
		if typ == dataset.Decimal {
			c.Precision = 9
		}
		schema.Columns = append(schema.Columns, c)
	}
	f.make(t, schema)
	no := map[dataset.Type]string{
		dataset.Integer:  "date date-time object array",
		dataset.Decimal:  "boolean date date-time object array",
		dataset.Number:   "boolean date date-time object array",
		dataset.Boolean:  "date date-time object array",
		dataset.Date:     "integer decimal number boolean object array",
		dataset.DateTime: "integer decimal number boolean object array",
		dataset.Object:   "integer decimal number boolean date date-time array",
		dataset.Array:    "integer decimal number boolean date date-time object",
	}
	for _, from := range types {
		for _, to := range types {
			o := set(string(from), dataset.Column{Type: to, Precision: 9})
			order := f.order(t, o)
			order.DryRun = true
			_, err := f.Change(t.Context(), f.owner, f.workspace, "d", order)
			want := strings.Contains(" "+no[from]+" ", " "+string(to)+" ")
			if want != problem.Is(err, problem.Invalid) || !want && err != nil {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestChangeOnEachDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		t.Helper()
		f := open(t, state)
		f.make(t, dataset.Schema{
			Columns: []dataset.Column{
				column("id", dataset.String), column("price", dataset.String), column("old", dataset.Integer),
			},
		})
		f.load(t, "a.csv", "id,price,old\na,1,1\nb,x,2\na,3,3\n")
		text := "0.0"
		operations := []alter.Operation{
			{Op: alter.Rename, Name: "price", To: "cost"},
			set("cost", column("", dataset.Number)),
			{Op: alter.Drop, Name: "old"},
			{Op: alter.Add, Column: &alter.Draft{Name: "tax", Type: dataset.Number, Required: true, Default: &text}},
			{Op: alter.Index, Key: "id", Unique: true},
		}
		order := f.order(t, operations...)
		for name, wrong := range map[string]struct {
			change func(*alter.Order)
			reason string
		}{
			"another version": {func(o *alter.Order) { o.Version = 9 }, "version"},
			"leave":           {func(o *alter.Order) { o.Apply = alter.Leave }, "apply_needed"},
			"repeats":         {func(*alter.Order) {}, "duplicates"},
			"loss": {func(o *alter.Order) {
				o.AcceptLoss, o.Operations = false, []alter.Operation{set("price", column("", dataset.Number))}
			}, "loss"},
		} {
			tried := order
			wrong.change(&tried)
			_, err := f.Change(t.Context(), f.owner, f.workspace, "d", tried)
			if !problem.Is(err, problem.Conflict) || problem.From(err).Reason != wrong.reason {
				t.Errorf("%s: %v", name, err)
			}
		}
		f.expect(t, `"a" "1" 1`, `"b" "x" 2`, `"a" "3" 3`)

		order.Operations[4].Keep = "last"
		report := f.change(t, order)
		f.expect(t, `"a" 3 0`)
		if report.Version != order.Version+1 || report.Rejected != 1 || report.Duplicates != 1 || report.Rows != 3 {
			t.Errorf("the report says %+v", report)
		}
		rejected, err := state.Load(t.Context(), f.workspace, report.Load)
		if err != nil || rejected.Kind != load.Change || rejected.State != load.Loaded ||
			rejected.Progress.Rejected != 1 ||
			rejected.Progress.RejectedByReason[dataset.WrongType] != 1 {
			t.Errorf("the load of the rejected rows is %+v, %v", rejected, err)
		}
		if n := f.load(t, "b.csv", "id,price,tax,old\nc,4,0.5,9\n"); n != 0 {
			t.Errorf("a file with the old name: %d rows were rejected", n)
		}
		f.load(t, "c.json", `[{"id":"d","price":5,"tax":1,"old":2}]`)
		f.expect(t, `"a" 3 0`, `"c" 4 0.5`, `"d" 5 1`)
		changes, err := f.Changes(t.Context(), f.owner, f.workspace, "d", paging.Request{})
		if err != nil || len(changes.Items) != 1 || changes.Items[0].ID != report.Change ||
			changes.Items[0].LoadID != report.Load || len(changes.Items[0].Operations) != len(operations) {
			t.Errorf("changes %+v, %v", changes, err)
		}
	})
}

func TestColumnsOfFilesWithoutNamesKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	f := open(t, storetest.Open(t))
	f.make(t, dataset.Schema{Columns: []dataset.Column{
		column("a", dataset.Integer), column("b", dataset.Integer), column("c", dataset.Integer),
		column("d", dataset.Integer),
	}})
	f.change(t, f.order(t, alter.Operation{Op: alter.Drop, Name: "b"}))
	f.change(t, f.order(t, alter.Operation{Op: alter.Drop, Name: "c"}, alter.Operation{
		Op: alter.Add, Column: &alter.Draft{Name: "b", Type: dataset.Integer},
	}))
	f.load(t, "a.csv", "1,2,3,4,5\n1,2,3,4,5\n")
	f.expect(t, "1 4 5", "1 4 5")
}

func TestLeave(t *testing.T) {
	t.Parallel()
	f := open(t, storetest.Open(t))
	f.make(t, dataset.Schema{Columns: []dataset.Column{column("n", dataset.Integer), column("t", dataset.String)}})
	f.load(t, "a.json", `[{"n":1,"t":"x"},{"n":null,"t":"y"}]`)
	yes, no, words := true, false, "How many."
	leave := func(operations ...alter.Operation) error {
		order := f.order(t, operations...)
		order.Apply, order.AcceptLoss = alter.Leave, false
		_, err := f.Change(t.Context(), f.owner, f.workspace, "d", order)
		return err
	}
	o := set("n", decimal(9, 2))
	o.Description, o.Required = &words, &yes
	if err := leave(o, alter.Operation{Op: alter.Add, Column: &alter.Draft{Name: "x", Type: dataset.Any}}); err != nil {
		t.Error(err)
	}
	f.expect(t, `1.00 "x" null`, `null "y" null`)
	o = alter.Operation{Op: alter.Set, Name: "n"}
	o.AllowNull = &no
	if err := leave(o); problem.From(err).Reason != "apply_needed" {
		t.Errorf("a null that isn't allowed: %v", err)
	}
	report := f.change(t, f.order(t, o))
	f.expect(t, `1.00 "x" null`)
	if s := report.Operations[0].Samples; len(s) != 1 || s[0].From != nil || s[0].To != nil || s[0].Reason == "" {
		t.Errorf("samples %+v", s)
	}
	if got := f.get(t).Schema.Columns[0]; !got.Declared || !got.Required || got.AllowNull || got.Description != words {
		t.Errorf("the column is %+v", got)
	}
}

func TestWrongOperations(t *testing.T) {
	t.Parallel()
	f := open(t, storetest.Open(t))
	f.make(t, dataset.Schema{Columns: []dataset.Column{column("a", dataset.String), column("b", dataset.Integer)}})
	wrongFormat := "nonsense"
	for path, operations := range map[string][]alter.Operation{
		"operations":                {},
		"operations[0].op":          {{Op: "explode"}},
		"operations[0].name":        {{Op: alter.Drop, Name: "z"}},
		"operations[0].column":      {{Op: alter.Add}},
		"operations[0].column.name": {{Op: alter.Add, Column: &alter.Draft{Name: "a", Type: dataset.String}}},
		"operations[0].column.default": {{Op: alter.Add, Column: &alter.Draft{
			Name: "c", Type: dataset.String,
			Required: true,
		}}},
		"operations[0].to":     {{Op: alter.Rename, Name: "a", To: "b"}},
		"operations[0]":        {{Op: alter.Set, Name: "a"}},
		"operations[1].name":   {set("a", column("", dataset.Any)), set("a", column("", dataset.Number))},
		"operations[0].keep":   {{Op: alter.Index, Key: "a", Keep: "last"}},
		"operations[1]":        {{Op: alter.Index, Key: "a"}, {Op: alter.Index, Key: "b"}},
		"index.key":            {{Op: alter.Index, Key: "z"}},
		"columns":              {{Op: alter.Drop, Name: "a"}, {Op: alter.Drop, Name: "b"}},
		"operations[0].format": {{Op: alter.Set, Name: "a", Settings: alter.Settings{Format: &wrongFormat}}},
	} {
		order := f.order(t, operations...)
		_, err := f.Change(t.Context(), f.owner, f.workspace, "d", order)
		if !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := problem.From(err).Findings[0].Path; got != path {
			t.Errorf("the path is %s, want %s: %v", got, path, err)
		}
	}
}
