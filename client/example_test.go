package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"

	"github.com/windlass-io/windlass/client"
)

// newExampleServer returns a server with two datasets.
func newExampleServer() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/workspaces/demo/datasets", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"items":[{"name":"prices","rows":1840},{"name":"wells","rows":120}]}`)
	})
	mux.HandleFunc("GET /v1/data/demo/prices/{symbol}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "symbol,date,price\n%s,2026-01-31,12.5\n", r.PathValue("symbol"))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"code":"not_found","detail":"Dataset \"rates\" doesn't exist."}`)
	})
	return httptest.NewServer(mux)
}

func Example() {
	server := newExampleServer()
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Token: "sk_…", Workspace: "demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Dataset(context.Background(), "rates")
	fmt.Println(err, client.IsCode(err, "not_found"))
	// Output: Dataset "rates" doesn't exist. true
}

func ExampleEvery() {
	server := newExampleServer()
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Token: "sk_…", Workspace: "demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	datasets, err := client.Every(func(options client.PageOptions) (client.Page[client.Dataset], error) {
		return c.Datasets(context.Background(), options)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, dataset := range datasets {
		fmt.Println(dataset.Name, dataset.Rows)
	}
	// Output:
	// prices 1840
	// wells 120
}

func ExampleClient_Data() {
	server := newExampleServer()
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Token: "pk_…", Workspace: "demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := c.Data(context.Background(), "prices", []string{"ACME"}, url.Values{"format": {"csv"}, "last": {"1"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rows.Close()
	_, _ = io.Copy(os.Stdout, rows)
	// Output:
	// symbol,date,price
	// ACME,2026-01-31,12.5
}

func ExampleParseTokenScope() {
	scope, err := client.ParseTokenScope("read:prices")
	fmt.Println(scope.Action, scope.Dataset, err)
	// Output: data.read prices <nil>
}
