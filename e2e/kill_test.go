package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/client"
)

// killRows is enough rows for a load to be still running when the service is
// killed.
const killRows = 400_000

// TestKillInTheMiddleOfALoad kills the service while it loads and starts it
// again: the load then ends without help, with every row exactly once.
func TestKillInTheMiddleOfALoad(t *testing.T) {
	t.Parallel()
	cloud := rehearse(t)
	owner := cloud.accounts["customer"]
	putLarge(t, cloud, owner)
	// so that it is still read when the service is killed
	remove := cloud.breakIt(t, `{"kind":"slow","bucket":"large","key":"part-1.csv","delay":"200ms"}`)
	dir := t.TempDir()
	first := serve(t, dir, cloud, owner)
	key, err := first.AddCredential(t.Context(), client.CredentialSpec{
		AccessKeyID:     owner.AccessKeyID,
		SecretAccessKey: owner.SecretAccessKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	src, err := first.CreateSource(t.Context(), client.SourceSpec{
		Name: "large", Credential: key.ID, Bucket: "large",
		Pattern: "*.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := first.StartLoad(t.Context(), client.LoadSpec{Source: src.ID, Dataset: "large"})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "rows to be read", func() bool {
		l, err := first.Load(t.Context(), started.ID)
		if err != nil || l.Ended() {
			t.Fatalf("the load was over before it could be killed: %+v, %v", l, err)
		}
		return l.Progress.Rows > 0
	})
	first.kill()
	remove()

	second := serve(t, dir, cloud, owner)
	ended, err := second.WaitLoad(t.Context(), started.ID, nil)
	if err != nil || ended.State != "loaded" || ended.Attempt < 2 {
		t.Fatalf("after the second start: %+v, %v", ended, err)
	}
	made, err := second.Dataset(t.Context(), "large")
	if err != nil || made.Rows != killRows {
		t.Errorf("the dataset has %d rows, want %d: %v", made.Rows, killRows, err)
	}
	again, err := second.StartLoad(t.Context(), client.LoadSpec{Source: src.ID, Dataset: "large"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err = second.WaitLoad(t.Context(), again.ID, nil); err != nil || again.Progress.Known != 2 ||
		again.Progress.Rows != 0 {
		t.Errorf("a load of what is loaded: %+v, %v", again, err)
	}
	for _, id := range []string{"r0000000", fmt.Sprintf("r%07d", killRows-1)} {
		if n := countRows(t, second, id); n != 1 {
			t.Errorf("the row %s is there %d times", id, n)
		}
	}
}

// breakIt adds a fault to the rehearsed AWS, and returns a function that removes it.
func (r rehearsal) breakIt(t *testing.T, fault string) (remove func()) {
	t.Helper()
	call := func(method, body string, want int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, r.endpoint+"/_sandbox/faults",
			strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != want {
			t.Fatalf("%s a fault: %s", method, answer.Status)
		}
	}
	call(http.MethodPost, fault, http.StatusCreated)
	return func() { call(http.MethodDelete, "", http.StatusNoContent) }
}

// putLarge puts two objects with killRows rows in total.
func putLarge(t *testing.T, cloud rehearsal, owner account) {
	t.Helper()
	putRows(t, cloud, owner, killRows)
}

// putRows puts two objects with this many rows in total.
func putRows(t *testing.T, cloud rehearsal, owner account, rows int) {
	t.Helper()
	bucket := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(cloud.endpoint), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(owner.AccessKeyID, owner.SecretAccessKey, ""),
	})
	if _, err := bucket.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("large")}); err != nil {
		t.Fatal(err)
	}
	for part := range 2 {
		var b bytes.Buffer
		b.WriteString("id,date,value\n")
		for i := part * rows / 2; i < (part+1)*rows/2; i++ {
			fmt.Fprintf(&b, "r%07d,2026-01-%02d,%d.5\n", i, 1+i%28, i)
		}
		_, err := bucket.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("large"),
			Key:    aws.String(fmt.Sprintf("part-%d.csv", part)), Body: bytes.NewReader(b.Bytes()),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func countRows(t *testing.T, s service, key string) int {
	t.Helper()
	return countRowsIn(t, s, "large", key)
}

func countRowsIn(t *testing.T, s service, dataset, key string) int {
	t.Helper()
	body, err := s.Data(t.Context(), dataset, []string{key}, url.Values{"limit": {"10"}})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return len(rows)
}
