package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestLoadLists filters loads, lists the objects of one, and follows it, with the API
// and the command line.
func TestLoadLists(t *testing.T) {
	t.Parallel()
	aws := sandboxtest.Start(t)
	keys := aws.Customer.Keys
	aws.MustBucket(t, keys, "acme-data")
	c := &terminal{listenTo(t, aws, map[string]string{}), t.TempDir()}
	c.must(t, nil, "POST", "/v1/workspaces/main/credentials", c.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	c.must(t, nil, "POST", "/v1/workspaces/main/datasets", c.token,
		`{"name":"d","columns":[{"name":"id","type":"integer","required":false,"allow_null":true}]}`)
	aws.MustPut(t, keys, "acme-data", "in/a.csv", "id\n1\nx\n")
	aws.MustPut(t, keys, "acme-data", "in/b.csv", "id\ny\n")
	c.expect(t, 0, nil, "source", "create", "--name", "src", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "in/*")
	c.expect(t, 0, nil, "source", "create", "--name", "other", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "none/*")
	c.expect(t, 1, []string{"partial"}, "load", "start", "--source", "src", "--dataset", "d", "--wait")
	c.expect(t, 1, []string{"all_rejected"}, "load", "start", "--source", "src", "--dataset", "d", "--wait")
	c.expect(t, 0, []string{"nothing"}, "load", "start", "--source", "other", "--dataset", "e", "--wait")

	var loads struct{ Items []client.Load }
	c.must(t, &loads, "GET", "/v1/workspaces/main/loads", c.token, "")
	if len(loads.Items) != 3 {
		t.Fatalf("%d loads", len(loads.Items))
	}
	first := loads.Items[2]
	if first.Progress.Unpacked != first.Progress.BytesRead || first.Progress.Unpacked == 0 ||
		first.Progress.ETASeconds != nil || len(first.Progress.Current) > 0 {
		t.Errorf("the progress of a load that has ended: %+v", first.Progress)
	}
	later := first.CreatedAt.Add(time.Microsecond).UTC().Format(time.RFC3339Nano)
	for filter, want := range map[string]int{
		"state=failed": 1, "state=loaded": 2, "state=queued": 0, "kind=load": 3, "kind=replay": 0,
		"source=src": 2, "source=other": 1, "dataset=D": 2, "dataset=" + first.DatasetID: 2, "dataset=e": 1,
		"feed=" + first.Feed: 2, "feed=" + first.Feed + "&state=failed": 1,
		"since=" + later: 2, "until=" + later: 1, "since=" + later + "&state=failed&limit=1": 1,
	} {
		c.must(t, &loads, "GET", "/v1/workspaces/main/loads?"+filter, c.token, "")
		if len(loads.Items) != want {
			t.Errorf("%s selects %d loads, want %d", filter, len(loads.Items), want)
		}
	}
	c.expect(t, 0, []string{"failed"}, "load", "list", "--state", "failed", "--source", "src", "--json")
	if out := c.expect(t, 0, nil, "load", "list", "--until", later); strings.Count(out, "load_") != 1 {
		t.Errorf("loads until the second:\n%s", out)
	}
	c.expect(t, 2, []string{"state"}, "load", "list", "--state", "lost")
	c.expect(t, 2, []string{"--since"}, "load", "list", "--since", "yesterday")
	c.expect(t, 1, []string{"There is no source"}, "load", "list", "--source", "none")

	c.expect(t, 0, []string{"in/a.csv"}, "load", "objects", first.ID)
	var objects struct{ Items []client.LedgerEntry }
	c.must(t, &objects, "GET", "/v1/workspaces/main/loads/"+first.ID+"/objects?limit=1", c.token, "")
	if len(objects.Items) != 1 || objects.Items[0].Key != "in/a.csv" || objects.Items[0].Rows != 1 ||
		objects.Items[0].Rejected != 1 || objects.Items[0].State != "loaded" {
		t.Errorf("objects %+v", objects.Items)
	}
	c.expect(t, 1, []string{"loaded, partial"}, "load", "watch", first.ID)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		c.url+"/v1/workspaces/main/loads/"+first.ID+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.Header.Get("Content-Type") != "text/event-stream" ||
		!strings.HasPrefix(string(text), "event: end\ndata: {") || !strings.Contains(string(text), first.ID) {
		t.Errorf("%s: %s, %v", response.Header.Get("Content-Type"), text, err)
	}
}
