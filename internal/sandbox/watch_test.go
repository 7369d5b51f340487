package sandbox_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/sandboxtest"
)

// lines are what a logger writes, one at a time.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// A denied call is one line of the log: why, and what to change, in the words
// of the policy engine.
func TestDeniedCallsAreLogged(t *testing.T) {
	t.Parallel()
	log := make(lines, 100)
	server := sandboxtest.Start(t, func(c *sandbox.Config) { c.Logger = slog.New(slog.NewJSONHandler(log, nil)) })
	server.MustBucket(t, server.Customer.Keys, "harbour")
	keys, arn := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::harbour","Condition":{"StringLike":{"s3:prefix":"quay/*"}}}]}`,
	)
	if _, err := server.S3(keys).
		ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("harbour"), Prefix: aws.String("mole/")}); err == nil {
		t.Fatal("a prefix that is not allowed may be listed")
	}
	d := server.Sandbox.Decisions(1)[0]
	var told []map[string]string
	for range len(log) {
		entry := map[string]string{}
		if err := json.Unmarshal([]byte(<-log), &entry); err == nil && entry["msg"] == "call denied" {
			told = append(told, entry)
		}
	}
	if len(told) != 1 {
		t.Fatalf("%d lines: %v", len(told), told)
	}
	got := told[0]
	if got["request_id"] != d.RequestID || got["principal"] != arn || got["action"] != "s3:ListBucket" ||
		got["explanation"] != d.Trace.Reason ||
		got["fix"] != d.Trace.Fix {
		t.Errorf("%v", got)
	}
	if !strings.Contains(got["fix"], "quay/*") || d.Explanation != d.Trace.Reason {
		t.Errorf("%v, while the decision says %q", got, d.Explanation)
	}
}
