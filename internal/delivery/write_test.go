package delivery_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

func (w *well) writeRows(t testing.TB, name, query, body string) (delivery.Written, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	options, _, err := delivery.ParseWrite(values)
	if err != nil {
		return delivery.Written{}, err
	}
	return w.WriteRows(t.Context(), w.owner, w.workspace, delivery.RowWrite{
		WriteOptions: options, Dataset: name, Body: strings.NewReader(body),
	})
}

// summary writes the statuses of rows in short: i, R, g or r, and the columns of
// rejected ones.
func summary(rows []delivery.WrittenRow) string {
	letters := map[delivery.RowStatus]string{
		delivery.RowInserted: "i", delivery.RowReplaced: "R", delivery.RowIgnored: "g", delivery.RowRejected: "r",
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(letters[row.Status])
		if row.Status == delivery.RowRejected {
			b.WriteString("(" + row.Column + ")")
		}
	}
	return b.String()
}

func TestWriteRows(t *testing.T) {
	t.Parallel()
	const a1, a2 = `{"symbol":"A","venue":1,"day":"2024-01-02"`, `{"symbol":"A","venue":2,"day":"2024-01-02"`
	before := "[" + a1 + `,"price":1,"Note":"old"},` + a2 + `,"price":2}]`
	for _, tc := range []struct{ name, query, body, want, rows string }{
		{"ignore keeps the old row and the first of a body", "", "[" + a1 +
			`,"price":9},{"symbol":"B","venue":1,"day":"2024-01-02","price":3},` +
			`{"symbol":"B","venue":1,"day":"2024-01-02","price":4}]`, "gig", "A/1/old A/2/ B/3/"},
		{
			"replace takes the whole row, the last of a body", "on_conflict=replace", "[" + a1 + `,"price":8},` +
				a1 + `,"price":9}]`,
			"RR", "A/9/ A/2/",
		},
		{
			"merge keeps what isn't sent", "on_conflict=merge", "[" + a1 + `,"price":8},` + a1 +
				`,"Note":"n"},` + a2 + `,"Note":"new"}]`,
			"RRR", "A/8/n A/2/new",
		},
		{"merge makes one row of several", "on_conflict=merge", `[{"symbol":"B","venue":1,"day":"2024-01-02","price":3},` +
			`{"symbol":"B","venue":1,"day":"2024-01-02","Note":"n"}]`, "iR", "A/1/old A/2/ B/3/n"},
		{"fail rejects", "on_conflict=fail", "[" + a1 + `,"price":8},{"symbol":"B","venue":1,"day":"2024-01-02"},` +
			`{"symbol":"B","venue":1,"day":"2024-01-02"}]`, "r(symbol)ir(symbol)", "A/1/old A/2/ B//"},
		{"lines", "on_conflict=replace", a1 + `,"price":8}` + "\n\n{bad\n[]\n" + a2 + `,"price":9}` + "\n", "Rr()r()R", "A/8/ A/9/"},
		{"one object", "", `{"symbol":"B","venue":1,` + "\n" + `"day":"2024-01-02"}`, "i", "A/1/old A/2/ B//"},
		{
			"bad values", "", `[{"symbol":"B","venue":1,"day":"2024-01-02","price":"x"},{"symbol":"B","venue":1,"day":"2024-13-02"},` +
				`{"symbol":"B","venue":1.5,"day":"2024-01-02"},{"symbol":"B","venue":1,"day":"2024-01-02","price":9007199254740993},` +
				`{"symbol":"B","venue":1,"day":"2024-01-02","surprise":1},5,{"symbol":null,"venue":1,"day":"2024-01-02"},` +
				`{"symbol":"B","venue":1,"venue":1,"day":"2024-01-02"}]`,
			"r(price)r(day)r(venue)r(price)r(surprise)r()r(symbol)r(venue)", "A/1/old A/2/",
		},
		{"nothing", "", "[]", "", "A/1/old A/2/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			w.add(t, "prices", pricesSchema())
			if _, err := w.writeRows(t, "prices", "", before); err != nil {
				t.Fatal(err)
			}
			got, err := w.writeRows(t, "PRICES", tc.query, tc.body)
			if err != nil {
				t.Fatal(err)
			}
			if s := summary(got.Rows); s != tc.want {
				t.Errorf("rows %s, want %s: %+v", s, tc.want, got.Rows)
			}
			if n := got.Inserted + got.Replaced + got.Ignored + got.Rejected; n != int64(len(got.Rows)) {
				t.Errorf("%d of %d rows are counted", n, len(got.Rows))
			}
			rows, err := w.read(t, delivery.Target{Datasets: "prices"}, "select=symbol,price,Note&format=csv")
			rows = strings.NewReplacer(",", "/", "\n", " ").Replace(strings.TrimPrefix(rows, "symbol,price,Note\n"))
			if err != nil || strings.TrimSpace(rows) != tc.rows {
				t.Errorf("rows %s, %v; want %s", rows, err, tc.rows)
			}
		})
	}
}

func TestWriteCreates(t *testing.T) { //nolint:tparallel // the cases share datasets
	t.Parallel()
	const rows = `[{"symbol":"A","day":"2024-01-02","n":1},{"symbol":"A","day":"2024-01-02","n":2}]`
	w := newWell(t)
	for _, tc := range []struct {
		name, query, want string
		index             dataset.Index
	}{
		{"guessed", "create=true", "ii", dataset.Index{Date: "day", Guessed: true}},
		{"declared", "create=true&key=symbol&date=day", "ig", dataset.Index{Key: "symbol", Date: "day", Unique: true}},
		{"merged", "create=true&key=n&on_conflict=merge", "ii", dataset.Index{Key: "n", Unique: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := w.writeRows(t, tc.name, tc.query, rows)
			if err != nil || !got.Created || summary(got.Rows) != tc.want || got.Version == 0 {
				t.Fatalf("%+v, %v", got, err)
			}
			made, err := w.datasets().Get(t.Context(), w.owner, w.workspace, tc.name)
			made.Schema.Index.Reason = ""
			if diff := cmp.Diff(tc.index, made.Schema.Index); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if got, err = w.writeRows(t, tc.name, tc.query, `[{"symbol":"C","day":"2024-01-02","n":3}]`); err != nil ||
				got.Created {
				t.Errorf("again: %+v, %v", got, err)
			}
		})
	}
	for _, tc := range []struct {
		name, dataset, query, body string
		code                       problem.Code
	}{
		{"missing", "none", "", rows, problem.NotFound},
		{"a key without create", "guessed", "key=symbol", rows, problem.Invalid},
		{"another index", "declared", "create=true&key=n", rows, problem.Conflict},
		{"a key that isn't there", "none", "create=true&key=x", rows, problem.Invalid},
		{"merge without a unique index", "guessed", "on_conflict=merge", rows, problem.Invalid},
		{"atomic", "none", "create=true&key=n&atomic=true", `[{"n":1},{"n":"x"}]`, problem.Invalid},
		{"no rows", "none", "create=true", `5`, problem.Invalid},
		{"an unknown parameter", "guessed", "on_conflct=merge", rows, problem.Invalid},
		{"too many", "guessed", "", "[" + strings.Repeat("{},", delivery.MaxWriteRows) + "{}]", problem.TooLarge},
		{"too large", "guessed", "", "[" + strings.Repeat(" ", delivery.MaxWriteBytes) + "1]", problem.TooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := w.writeRows(t, tc.dataset, tc.query, tc.body); !problem.Is(err, tc.code) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if _, err := w.datasets().Get(t.Context(), w.owner, w.workspace, "none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a refused write left a dataset: %v", err)
	}
	reader := w.owner
	reader.Kind, reader.Scopes = access.Publishable, []access.Scope{
		{Action: access.DataRead, Dataset: access.Every},
	}
	if _, err := w.WriteRows(t.Context(), reader, w.workspace, delivery.RowWrite{
		Dataset: "guessed", Body: strings.NewReader(rows),
	}); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a token that only reads: %v", err)
	}
}

// TestWritesCross checks that of concurrent writes none is lost, and none
// overwrites another.
func TestWritesCross(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.add(t, "prices", pricesSchema())
	var group sync.WaitGroup
	for writer := range 4 {
		group.Go(func() {
			for i := range 5 {
				body := fmt.Sprintf(
					`[{"symbol":"A","venue":1,"day":"2024-01-02","price":%d},{"symbol":"W%d","venue":%d,"day":"2024-01-02"}]`,
					i,
					writer,
					i,
				)
				if _, err := w.writeRows(t, "prices", "on_conflict=merge", body); err != nil {
					t.Error(err)
				}
				if _, err := w.Delete(t.Context(), w.owner, w.workspace, delivery.Removal{
					Dataset: "prices", Values: url.Values{
						"symbol": {fmt.Sprintf("eq.W%d", writer)},
						"venue":  {fmt.Sprintf("lt.%d", i)},
					},
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	rows, err := w.read(t, delivery.Target{Datasets: "prices"}, "select=symbol,venue")
	const want = `[{"symbol":"A","venue":1},{"symbol":"W0","venue":4},{"symbol":"W1","venue":4},{"symbol":"W2","venue":4},{"symbol":"W3","venue":4}]`
	if err != nil || rows != want {
		t.Errorf("rows %s, %v", rows, err)
	}
}

func TestIfVersion(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.add(t, "prices", pricesSchema())
	const row = `[{"symbol":"A","venue":1,"day":"2024-01-02"}]`
	first, err := w.writeRows(t, "prices", "", row)
	if err != nil {
		t.Fatal(err)
	}
	write := func(version string) error {
		_, err := w.WriteRows(t.Context(), w.owner, w.workspace, delivery.RowWrite{
			WriteOptions: delivery.WriteOptions{OnConflict: delivery.ReplaceRow}, Dataset: "prices",
			Body: strings.NewReader(row), IfVersion: version,
		})
		return err
	}
	remove := func(version string) error {
		_, err := w.Delete(t.Context(), w.owner, w.workspace, delivery.Removal{
			Dataset: "prices", Key: "A", IfVersion: version,
		})
		return err
	}
	version := fmt.Sprint(first.Version)
	for _, tc := range []struct {
		name string
		err  error
		want problem.Code
	}{
		{"another version", write("7"), problem.Precondition},
		{"delete another version", remove("7"), problem.Precondition},
		{"no version", write("x"), problem.Invalid},
		{"the version", write(version), ""},
		{"no longer", write(version), problem.Precondition},
		{"delete no longer", remove(version), problem.Precondition},
	} {
		if tc.want == "" && tc.err != nil || tc.want != "" && !problem.Is(tc.err, tc.want) {
			t.Errorf("%s: %v", tc.name, tc.err)
		}
	}
}
