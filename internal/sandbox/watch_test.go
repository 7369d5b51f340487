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

// lines receives the lines of a log, one at a time.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// A denied call is one log line with the policy engine's reason and fix.
func TestDeniedCallsAreLogged(t *testing.T) {
	t.Parallel()
	log := make(lines, 100)
	server := sandboxtest.Start(t, func(c *sandbox.Config) { c.Logger = slog.New(slog.NewJSONHandler(log, nil)) })
	server.MustBucket(t, server.Customer.Keys, "harbour")
	keys, arn := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket",`+
			`"Resource":"arn:aws:s3:::harbour","Condition":{"StringLike":{"s3:prefix":"quay/*"}}}]}`,
	)
	if _, err := server.S3(keys).
		ListObjectsV2(t.Context(),
			&s3.ListObjectsV2Input{Bucket: aws.String("harbour"), Prefix: aws.String("mole/")}); err == nil {
		t.Fatal("a prefix that is not allowed may be listed")
	}
	d := server.Sandbox.Decisions(1)[0]
	var denials []map[string]string
	for range len(log) {
		entry := map[string]string{}
		if err := json.Unmarshal([]byte(<-log), &entry); err == nil && entry["msg"] == "call denied" {
			denials = append(denials, entry)
		}
	}
	if len(denials) != 1 {
		t.Fatalf("%d lines: %v", len(denials), denials)
	}
	got := denials[0]
	if got["request_id"] != d.RequestID || got["principal"] != arn || got["action"] != "s3:ListBucket" ||
		got["explanation"] != d.Trace.Reason ||
		got["fix"] != d.Trace.Fix {
		t.Errorf("%v", got)
	}
	if !strings.Contains(got["fix"], "quay/*") || d.Explanation != d.Trace.Reason {
		t.Errorf("%v, while the decision says %q", got, d.Explanation)
	}
}
