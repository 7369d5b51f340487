package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// TestJavaScriptClient uses clients/js against the service.
func TestJavaScriptClient(t *testing.T) {
	t.Parallel()
	node := programtest.Need(t, "node")
	file, err := filepath.Abs(filepath.Join("..", "..", "clients", "js", "index.js"))
	if err != nil {
		t.Fatal(err)
	}
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	run := exec.CommandContext(
		t.Context(),
		node,
		filepath.Join("testdata", "client.mjs"),
		o.url,
		o.token,
		"file://"+file,
	)
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the client works") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestJavaScriptClientSize limits the size of the client.
func TestJavaScriptClientSize(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "clients", "js", "index.js"))
	if err != nil {
		t.Fatal(err)
	}
	var size counter
	w := gzip.NewWriter(&size)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if size > 6<<10 {
		t.Errorf("the client has %d bytes with gzip, more than 6 KiB", size)
	}
}

type counter int

var _ io.Writer = (*counter)(nil)

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// TestDatasetDocument reads the OpenAPI document of a dataset and of a view.
func TestDatasetDocument(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.write(t, tick("A", 1, 1))
	o.must(
		t,
		nil,
		http.MethodPost,
		"/v1/workspaces/main/views",
		o.token,
		`{"name":"top","sql":"select v from ticks where v > $least","parameters":[{"name":"least","type":"integer","default":0}]}`,
	)
	var made struct{ Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"name":"reader","kind":"publishable","scopes":[{"action":"data.read","dataset":"ticks"}]}`)
	const path = "/v1/workspaces/main/datasets/"
	var doc struct {
		OpenAPI string
		Paths   map[string]struct {
			Get struct {
				Parameters []struct{ Name, In string }
				Responses  map[string]struct {
					Content map[string]struct{ Example []object }
				}
			}
			Post struct {
				RequestBody struct {
					Content map[string]struct{ Schema object }
				}
			}
		}
		Components struct{ Schemas map[string]object }
	}
	o.must(t, &doc, http.MethodGet, path+"TICKS/openapi.json?token="+made.Token, "", "")
	read, ok := doc.Paths["/v1/data/main/ticks"]
	if !ok || !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) != 4 {
		t.Fatalf("the document is %+v", doc)
	}
	for _, media := range []string{
		"application/json", "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream",
		"application/vnd.apache.parquet",
	} {
		if _, ok := read.Get.Responses["200"].Content[media]; !ok {
			t.Errorf("the document has no %s", media)
		}
	}
	same(t, "the body", doc.Paths["/v1/workspaces/main/datasets/ticks/rows"].Post.RequestBody.
		Content["application/json"].Schema, `{"type":"array","items":{"$ref":"#/components/schemas/NewRow"}}`)
	same(t, "required members", doc.Components.Schemas["NewRow"]["required"], `["sym","venue","day"]`)
	if required, ok := doc.Components.Schemas["Row"]["required"]; ok {
		t.Errorf("select can omit each column, but %v are required", required)
	}
	var service struct {
		Components struct{ Schemas map[string]any }
	}
	o.must(t, &service, http.MethodGet, "/v1/openapi.json", "", "")
	for _, name := range []string{"RequestError", "RequestFault", "WrittenRows"} {
		if diff := cmp.Diff(service.Components.Schemas[name], any(doc.Components.Schemas[name])); diff != "" {
			t.Errorf("%s (-service +dataset):\n%s", name, diff)
		}
	}
	same(t, "the row", doc.Components.Schemas["Row"]["properties"].(object)["day"], `{"type":"string","format":"date"}`)
	same(
		t,
		"a null",
		doc.Components.Schemas["Row"]["properties"].(object)["v"],
		`{"type":["integer","null"],"format":"int64"}`,
	)
	if example := read.Get.Responses["200"].Content["application/json"].Example; len(example) != 1 ||
		example[0]["sym"] != "A" {
		t.Errorf("the example is %v", example)
	}
	o.must(t, &doc, http.MethodGet, path+"top/openapi.json", o.token, "")
	text := o.call(t, http.MethodGet, path+"top/openapi.json", o.token, "").text
	if !strings.Contains(text, `"name":"p.least"`) {
		t.Errorf("a view's parameters: %s", text)
	}
	if got := o.call(t, http.MethodGet, path+"top/openapi.json", made.Token, ""); got.status != http.StatusForbidden {
		t.Errorf("a dataset that the token may not read: %d %s", got.status, got.text)
	}
	if got := o.call(t, http.MethodGet, path+"none/openapi.json", o.token, ""); got.status != http.StatusNotFound {
		t.Errorf("no such dataset: %d %s", got.status, got.text)
	}
}
