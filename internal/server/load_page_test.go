package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/sandboxtest"
)

// A load's page groups its rejected rows by reason, and shows each as it was written.
func TestLoadPage(t *testing.T) {
	t.Parallel()
	aws := sandboxtest.Start(t)
	keys := aws.Customer.Keys
	aws.MustBucket(t, keys, "acme-data")
	aws.MustPut(t, keys, "acme-data", "in/a.csv", "id,n\n1,1\n2,x\n3,y\n4,5,6\n")
	aws.MustPut(t, keys, "acme-data", "in/b.csv", "id,n\nq,1\n")
	c := &terminal{listenTo(t, aws, map[string]string{}), t.TempDir()}
	c.must(t, nil, "POST", "/v1/workspaces/main/credentials", c.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	c.must(t, nil, "POST", "/v1/workspaces/main/datasets", c.token, `{"name":"d","columns":[
		{"name":"id","type":"integer","required":true,"allow_null":false},
		{"name":"n","type":"integer","required":false,"allow_null":true}],"index":{"key":"id","unique":true}}`)
	c.expect(t, 0, nil, "source", "create", "--name", "src", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "in/*")
	c.expect(t, 1, []string{"partial"}, "load", "start", "--source", "src", "--dataset", "d", "--wait")
	c.expect(t, 0, nil, "source", "create", "--name", "empty", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "none/*")
	c.expect(t, 0, []string{"nothing"}, "load", "start", "--source", "empty", "--dataset", "d", "--wait")

	var list struct {
		Items []struct{ ID string }
	}
	c.must(t, &list, http.MethodGet, "/v1/workspaces/main/loads", c.token, "")
	browser := c.signIn(t, c.link)
	page := func(query string, has, lacks []string) {
		t.Helper()
		got := c.ask(t, browser, http.MethodGet, "/loads/"+list.Items[len(list.Items)-1].ID+query, "", nil)
		for _, text := range has {
			if !strings.Contains(got.text, text) {
				t.Errorf("%s lacks %q: %d %s", query, text, got.status, got.text)
			}
		}
		for _, text := range lacks {
			if strings.Contains(got.text, text) {
				t.Errorf("%s has %q", query, text)
			}
		}
	}
	page("", []string{
		"1 object couldn’t be loaded", "?reason=wrong_type", "?reason=field_count", "2,x", "3,y", "4,5,6", "in/b.csv",
		"all_rejected",
	}, nil)
	page("?reason=field_count", []string{"4,5,6"}, []string{"<code>2,x", "<code>3,y"})
	page("?reason=wrong_type", []string{"2,x", "3,y"}, []string{"<code>4,5,6"})
	page("?reason=nonsense", []string{"Unknown reason"}, nil)
	if got := c.ask(t, browser, http.MethodGet, "/loads", "", nil); !strings.Contains(got.text, "Nothing new") {
		t.Errorf("the list: %d %s", got.status, got.text)
	}
}
