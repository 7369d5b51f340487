package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestFeedOnBothEngines loads objects with drift, added columns and deletes, with
// rows in files and in PostgreSQL.
func TestFeedOnBothEngines(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]func(t *testing.T) map[string]string{
		"files": func(*testing.T) map[string]string { return map[string]string{} },
		"PostgreSQL": func(t *testing.T) map[string]string {
			t.Helper()
			address := storetest.Address(t)
			return map[string]string{
				"database": address(), "rows": address(), "master_key": strings.Repeat("ab", 32),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testFeed(t, flags(t))
		})
	}
}

func testFeed(t *testing.T, flags map[string]string) {
	t.Helper()
	box := sandboxtest.Start(t)
	keys := box.Customer.Keys
	box.MustBucket(t, keys, "acme-data")
	c := &terminal{listenTo(t, box, flags), t.TempDir()}
	c.must(t, nil, "POST", "/v1/workspaces/main/credentials", c.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	c.expect(t, 0, nil, "source", "create", "--name", "src", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "s/**")
	box.MustPut(t, keys, "acme-data", "s/dt=2026-01-01/a.csv", "The No,v\n1,5\n2,6\n")
	c.expect(t, 0, []string{"dt", "row_number"}, "source", "preview", "src", "--metadata", "row_number")
	c.expect(t, 0, []string{"The No as no, and the rest"}, "feed", "create", "--source", "src", "--dataset", "d",
		"--column", "from=The No,name=no", "--metadata", "row_number", "--deleted", "remove")
	start := func(status int, prints ...string) {
		t.Helper()
		c.expect(t, status, prints, "load", "start", "--source", "src", "--dataset", "d", "--wait")
	}
	want := func(rows string) {
		t.Helper()
		got := c.call(t, "GET", "/v1/data/main/d?format=csv&order=no&limit=10&select=no,v,dt,row_number", c.token, "")
		if text := strings.ReplaceAll(strings.TrimSpace(got.text), "\r", ""); text != rows {
			t.Errorf("the rows are\n%s\nwant\n%s", text, rows)
		}
	}
	start(0)
	want("no,v,dt,row_number\n1,5,2026-01-01,1\n2,6,2026-01-01,2")

	box.MustPut(t, keys, "acme-data", "s/dt=2026-01-02/b.csv", "The No,v,x\n3,007,new\n")
	start(0)
	want("no,v,dt,row_number\n1,5,2026-01-01,1\n2,6,2026-01-01,2\n3,007,2026-01-02,1")
	c.expect(t, 0, []string{"new_column", "widened", "integer to string", `"007" in s/dt=2026-01-02/b.csv line 2`},
		"dataset", "drift", "d")

	api, err := client.New(client.Config{URL: c.url, Token: c.token, Workspace: "main"})
	if err != nil {
		t.Fatal(err)
	}
	feeds, err := api.Feeds(t.Context(), client.FeedFilter{}, client.PageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.expect(t, 0, nil, "feed", "update", feeds.Items[0].ID, "--drift-missing", "fail")
	box.MustPut(t, keys, "acme-data", "s/dt=2026-01-03/c.csv", "The No,v\n4,8\n")
	start(1, `Column "x" is missing`)
	c.expect(t, 0, []string{"missing_column", "failed"}, "dataset", "drift", "d")
	c.expect(t, 0, nil, "feed", "update", feeds.Items[0].ID, "--drift-missing", "null")
	_, err = box.S3(keys).DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: aws.String("acme-data"), Key: aws.String("s/dt=2026-01-01/a.csv"),
	})
	if err != nil {
		t.Fatal(err)
	}
	start(0)
	want("no,v,dt,row_number\n3,007,2026-01-02,1\n4,8,2026-01-03,1")
}
