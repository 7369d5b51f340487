package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/tabular/shape"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ columns, want string }{
		"nothing":            {`{}`, ""},
		"everything":         {`{"columns":[{"from":"$.a['b'][0]","name":"x","type":"decimal","precision":4,"scale":2},{"from":"y"}],"rest":"drop","metadata":[{"name":"etag","as":"tag"}],"partitions":["dt"]}`, ""},
		"no source":          {`{"columns":[{"name":"x"}]}`, "columns[0].from"},
		"one source twice":   {`{"columns":[{"from":"x"},{"from":"x","name":"y"}]}`, "columns[1].from"},
		"one name twice":     {`{"columns":[{"from":"x"},{"from":"y","name":"X"}]}`, "columns[1].name"},
		"a reserved name":    {`{"columns":[{"from":"x","name":"_system_a"}]}`, "columns[0].name"},
		"a control char":     {`{"columns":[{"from":"x","name":"a\nb"}]}`, "columns[0].name"},
		"a path, no name":    {`{"columns":[{"from":"$.x"}]}`, "columns[0].name"},
		"several values":     {`{"columns":[{"from":"$.x[*]","name":"x"}]}`, "columns[0].from"},
		"any depth":          {`{"columns":[{"from":"$..x","name":"x"}]}`, "columns[0].from"},
		"an unknown type":    {`{"columns":[{"from":"x","type":"money"}]}`, "columns[0].type"},
		"a format, no type":  {`{"columns":[{"from":"x","format":"YYYY"}]}`, "columns[0].type"},
		"an unknown format":  {`{"columns":[{"from":"x","type":"date","format":"QQ"}]}`, "columns[0].type"},
		"an unknown rest":    {`{"rest":"hide"}`, "rest"},
		"nothing is left":    {`{"rest":"drop"}`, "rest"},
		"unknown metadata":   {`{"metadata":[{"name":"owner"}]}`, "metadata[0].name"},
		"metadata twice":     {`{"metadata":[{"name":"etag"},{"name":"etag"}]}`, "metadata[1]"},
		"a partition's name": {`{"metadata":[{"name":"etag","as":"dt"}],"partitions":["dt"]}`, "partitions[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			columns := shape.Default()
			if err := json.Unmarshal([]byte(c.columns), &columns); err != nil {
				t.Fatal(err)
			}
			var paths []string
			for _, f := range columns.Check() {
				paths = append(paths, f.Path)
			}
			if got := strings.Join(paths, " "); got != c.want {
				t.Errorf("got findings %q, want %q: %v", got, c.want, columns.Check())
			}
		})
	}
}

func TestPartitionsAsJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"auto"`, `"off"`, `["a","b"]`, `[]`} {
		var p shape.Partitions
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(p); err != nil || string(got) != text {
			t.Errorf("%s became %s (%v)", text, got, err)
		}
	}
	for _, text := range []string{`"on"`, `7`, `null`, `[1]`} {
		if err := json.Unmarshal([]byte(text), &shape.Partitions{}); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prefix string
		keys   string
		known  string
		want   string
	}{
		"no keys":                     {"", "", "", ""},
		"none":                        {"", "a.csv b/c.csv", "", ""},
		"all the same":                {"", "y=1/m=2/a.csv y=2/m=3/b.csv", "", "y m"},
		"another order":               {"", "y=1/m=2/a.csv m=3/y=2/b.csv", "y", "y"},
		"one without":                 {"", "y=1/a.csv b.csv", "", ""},
		"one without, and known":      {"", "b.csv y=1/a.csv", "y", "y"},
		"in the fixed prefix":         {"p=1/s/", "p=1/s/y=2/a.csv", "", "y"},
		"that the prefix begins with": {"s/y=20", "s/y=2026/a.csv s/y=2027/a.csv", "", "y"},
		"the file's name":             {"", "y=1/a=2.csv", "", "y"},
		"no name":                     {"", "=1/a.csv", "", ""},
		"twice":                       {"", "y=1/y=2/a.csv", "", "y"},
	} {
		p := shape.Partitions{Mode: shape.Auto}
		names, _, _ := p.Resolve(
			c.prefix,
			strings.Fields(c.keys),
			nil,
			func(name string) bool { return name == c.known },
		)
		if diff := cmp.Diff(c.want, strings.Join(names, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
