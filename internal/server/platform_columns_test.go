package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestPlatformColumns changes the columns and the index of a dataset with rows through
// the platform's routes.
func TestPlatformColumns(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/v1"}
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	get[object](
		t,
		s,
		http.MethodPost,
		"/record/main/QUOTES",
		`[{"symbol":"AAPL","day":"2024-02-28","close":1.5,"volume":7},
		{"symbol":"MSFT","day":"2024-02-29","close":null,"volume":8}]`,
	)
	schema := func() object {
		t.Helper()
		return get[object](t, s, http.MethodGet, "/datasets/main/QUOTES", "")["schema"].(object)["properties"].(object)
	}
	rows := func(want string) {
		t.Helper()
		same(t, "rows", get[[]any](t, s, http.MethodGet, "/data/main/QUOTES?limit=9", ""), want)
	}
	get[object](t, s, http.MethodPatch, "/datasets/main/QUOTES", `{"schema":{"type":"object","properties":{
		"volume":{"type":"number","nullable":true},"note":{"type":"string"}}}}`)
	same(t, "volume", schema()["volume"], `{"type":"number","nullable":true}`)
	same(t, "note", schema()["note"], `{"type":"string","nullable":true}`)
	same(t, "close stays", schema()["close"], `{"type":"number","nullable":true}`)
	rows(`[{"close":null,"day":"2024-02-29","note":null,"symbol":"MSFT","volume":8},
		{"close":1.5,"day":"2024-02-28","note":null,"symbol":"AAPL","volume":7}]`)
	done := get[object](t, s, http.MethodPatch, "/datasets/main/QUOTES", `{"title":"Prices","schema":{"type":"object",
		"properties":{"close":{"type":"number","nullable":false}}}}`)
	if text, _ := done["message"].(string); !strings.HasPrefix(text, "Dataset has been updated; 1 rows") {
		t.Errorf("a row that doesn't fit: %s", text)
	}
	rows(`[{"close":1.5,"day":"2024-02-28","note":null,"symbol":"AAPL","volume":7}]`)
	get[object](
		t,
		s,
		http.MethodPost,
		"/datasets/main/QUOTES",
		`{"dataset":{"datasetId":"QUOTES","schema":{"type":"object",
		"properties":{"symbol":{"type":"string"},"day":{"type":"string"},"close":{"type":"number"}}},
		"columnMapping":{"key":"symbol","subkey":"day"}}}`,
	)
	made := get[object](t, s, http.MethodGet, "/datasets/main/QUOTES", "")
	same(t, "mapping", made["columnMapping"], `{"key":"symbol","subkey":"day"}`)
	rows(`[{"close":1.5,"day":"2024-02-28","symbol":"AAPL"}]`)
	got := s.send(
		t,
		http.MethodPatch,
		"/datasets/main/QUOTES",
		`{"schema":{"type":"object","properties":{"x":{"type":"money"}}}}`,
	)
	if got.status != http.StatusBadRequest {
		t.Errorf("an unknown type: %d %s", got.status, got.text)
	}
}

func TestPlatformBucketContents(t *testing.T) {
	t.Parallel()
	s, aws := bucketed(t)
	aws.MustPut(t, aws.Customer.Keys, "acme-data", "in/b.csv", "symbol\nA\n")
	aws.MustPut(t, aws.Customer.Keys, "acme-data", "out/c*.csv", "symbol\nA\n")
	const path = "/data-sources/main/bucket-contents?bucket=acme-data&credentialId=KEY"
	keys := func(more string) (list []string, next string) {
		t.Helper()
		got := s.send(t, http.MethodGet, path+more, "")
		var objects []struct {
			Key, LastModified string
			Size              int64
		}
		if err := json.Unmarshal([]byte(got.text), &objects); got.status != http.StatusOK || err != nil {
			t.Fatalf("%d %s", got.status, got.text)
		}
		for _, o := range objects {
			if o.Size == 0 || !strings.HasSuffix(o.LastModified, "Z") {
				t.Errorf("%+v", o)
			}
			list = append(list, o.Key)
		}
		return list, got.header.Get("Windlass-Next-Cursor")
	}
	all, next := keys("")
	if strings.Join(all, " ") != "in/a.csv in/b.csv out/c*.csv" || next != "" {
		t.Errorf("all: %v %q", all, next)
	}
	one, next := keys("&prefix=in/&limit=1")
	two, last := keys("&prefix=in/&limit=1&cursor=" + next)
	if strings.Join(append(one, two...), " ") != "in/a.csv in/b.csv" || next == "" || last != "" {
		t.Errorf("pages: %v %q %v %q", one, next, two, last)
	}
	if some, _ := keys("&prefix=out/c*"); len(some) != 1 {
		t.Errorf("a prefix with a star: %v", some)
	}
	for _, wrong := range []string{"&limit=0", "&limit=1001", "&nope=1"} {
		if got := s.send(t, http.MethodGet, path+wrong, ""); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", wrong, got.status, got.text)
		}
	}
	if got := s.send(t, http.MethodGet, "/data-sources/main/bucket-contents?bucket=nobodys&credentialId=KEY", ""); got.status < 400 {
		t.Errorf("a bucket that doesn't exist: %d %s", got.status, got.text)
	}
}

// TestCompressedBodies sends bodies with a Content-Encoding.
func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	zipped := func(text string) io.Reader {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return &b
	}
	packed := func(text string) io.Reader {
		e, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(e.EncodeAll([]byte(text), nil))
	}
	const rows = "/v1/workspaces/main/datasets/ticks/rows"
	for _, c := range []struct {
		name, path, encoding string
		body                 io.Reader
		want                 int
	}{
		{"a document", "/v1/workspaces/main/datasets", "gzip", zipped(parameterColumns), http.StatusCreated},
		{"rows with gzip", rows, "gzip", zipped(tick("A", 1, 1)), http.StatusOK},
		{"rows with zstd", rows, "zstd", packed(tick("B", 1, 2)), http.StatusOK},
		{"the platform's record", "/v1/record/main/ticks", "gzip", zipped("[" + tick("C", 1, 3) + "]"), http.StatusOK},
		{"an upload", "/v1/data/main/ticks?wait=true", "GZIP", zipped("sym,venue,day,v\nD,x,2024-01-01,4\n"), http.StatusOK},
		{"not compressed at all", rows, "gzip", strings.NewReader(tick("E", 1, 1)), http.StatusBadRequest},
		{"cut off", rows, "gzip", io.LimitReader(zipped(tick("E", 1, 1)), 30), http.StatusBadRequest},
		{"an unknown encoding", rows, "br", strings.NewReader("x"), http.StatusUnsupportedMediaType},
		{"too many bytes", rows, "gzip", zipped(strings.Repeat(" ", 17<<20) + tick("E", 1, 1)), http.StatusRequestEntityTooLarge},
		{"too many bytes of a document", "/v1/workspaces/main/datasets", "zstd", packed(strings.Repeat(" ", 2<<20) + "{}"), http.StatusRequestEntityTooLarge},
	} {
		got := o.ask(t, nil, http.MethodPost, c.path, o.token, c.body, "Content-Type: application/json",
			"Content-Encoding: "+c.encoding)
		if got.status != c.want {
			t.Errorf("%s: %d, want %d: %.300s", c.name, got.status, c.want, got.text)
		}
	}
	got := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?sym=gt.A&select=v", o.token, nil)
	if is := valuesOf(t, got); is != "2 3 4" {
		t.Errorf("rows: %s", is)
	}
}

// TestEditsHaveETags edits documents with the ETag of the edit before.
func TestEditsHaveETags(t *testing.T) {
	t.Parallel()
	s, _ := bucketed(t)
	o := s.outside
	owner := o.session(t, o.signIn(t, o.link))
	for _, thing := range []struct{ list, body, change string }{
		{"datasets", strings.Replace(parameterColumns, "ticks", "wells", 1), `{"title":"T%d"}`},
		{"sources", `{"name":"src","credential":"KEY","bucket":"acme-data","pattern":"in/*"}`, `{"pattern":"in%d/*"}`},
		{"views", `{"name":"top","sql":"select * from quotes"}`, `{"title":"T%d"}`},
		{"tokens", `{"name":"t","kind":"publishable","scopes":[{"action":"data.read","dataset":"QUOTES"}]}`, `{"name":"t%d"}`},
	} {
		var made struct{ ID string }
		o.must(t, &made, http.MethodPost, "/v1/workspaces/main/"+thing.list, owner, thing.body)
		path := "/v1/workspaces/main/" + thing.list + "/" + made.ID
		tag := ""
		for i := range 2 {
			got := o.ask(t, nil, http.MethodPatch, path, owner,
				strings.NewReader(strings.ReplaceAll(thing.change, "%d", string(rune('1'+i)))),
				"Content-Type: application/json", "If-Match: "+tagOr(tag))
			if got.status != http.StatusOK {
				t.Fatalf("%s: edit %d: %d %.300s", thing.list, i, got.status, got.text)
			}
			if tag = got.header.Get("ETag"); tag == "" {
				t.Errorf("%s: the edit has no ETag", thing.list)
			}
		}
		read := o.call(t, http.MethodGet, path, owner, "")
		if is := read.header.Get("ETag"); is != tag {
			t.Errorf("%s: the ETag is %s, that of the edit %s", thing.list, is, tag)
		}
	}
}

func tagOr(tag string) string {
	if tag == "" {
		return "*"
	}
	return tag
}
