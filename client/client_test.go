package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
)

// serve starts a server with one handler and returns a client for it.
func serve(t *testing.T, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL, Token: "sk_test", Workspace: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRejectsAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://[::1"} {
		if _, err := client.New(client.Config{URL: address}); err == nil {
			t.Errorf("%q was accepted", address)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   client.Error
	}{
		"problem document": {
			http.StatusConflict, `{"code":"conflict","detail":"The name is taken.","hint":"Choose another."}`,
			client.Error{Status: 409, Code: "conflict", Detail: "The name is taken.", Hint: "Choose another."},
		},
		"not a document": {
			http.StatusBadGateway, "<html>", client.Error{
				Status: 502, Code: "unknown", Detail: "The server returned 502 Bad Gateway.",
			},
		},
		"document without detail": {
			http.StatusNotFound, `{"code":"not_found"}`,
			client.Error{Status: 404, Code: "unknown", Detail: "The server returned 404 Not Found."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			_, err := c.Dataset(t.Context(), "prices")
			var got *client.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !client.IsCode(err, tt.want.Code) || client.IsCode(err, "forbidden") {
				t.Errorf("IsCode disagrees with the code %q", tt.want.Code)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := client.New(client.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Whoami(t.Context())
	var unreachable *client.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.URL != server.URL || unreachable.Unwrap() == nil {
		t.Errorf("got %#v", err)
	}
}

func TestEveryFollowsCursors(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("cursor") {
		case "":
			_, _ = w.Write([]byte(`{"items":[{"name":"a"},{"name":"b"}],"next":"2"}`))
		case "2":
			_, _ = w.Write([]byte(`{"items":[{"name":"c"}]}`))
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	datasets, err := client.Every(func(o client.PageOptions) (client.Page[client.Dataset], error) {
		return c.Datasets(t.Context(), o)
	})
	var names []string
	for _, dataset := range datasets {
		names = append(names, dataset.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, names); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestEveryReturnsErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if all, err := client.Every(func(o client.PageOptions) (client.Page[string], error) {
		if o.Cursor != "" {
			return client.Page[string]{}, broken
		}
		return client.Page[string]{Items: []string{"a"}, Next: "2"}, nil
	}); !errors.Is(err, broken) || all != nil {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestPathsAreEscaped(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.EscapedPath(); got != "/v1/workspaces/demo/datasets/a%2F..%2Fb%3Fc" {
			t.Errorf("got path %s", got)
		}
		_, _ = w.Write([]byte(`{}`))
	})
	if _, err := c.Dataset(t.Context(), "a/../b?c"); err != nil {
		t.Error(err)
	}
}

func TestImpactOfUnconfirmedRemoval(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("confirm") == "prices" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"code":"conflict","detail":"Confirm.","impact":{"confirm":"prices",` +
			`"deletes":{"rows":3}}}`))
	})
	impact := client.ImpactOf(c.RemoveDataset(t.Context(), "ds_1", ""))
	if impact == nil || impact.Confirm != "prices" || impact.Deletes.Rows != 3 {
		t.Fatalf("got %+v", impact)
	}
	if err := c.RemoveDataset(t.Context(), "ds_1", impact.Confirm); err != nil || client.ImpactOf(err) != nil {
		t.Error(err)
	}
}
