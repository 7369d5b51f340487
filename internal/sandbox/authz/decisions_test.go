package authz_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/sandboxtest"
)

// The latest calls are listed with the statement that decided, and watchers
// are notified of new ones.
func TestDecisions(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "harbour")
	keys, arn := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",`+
			`"Resource":"arn:aws:s3:::harbour/*"}]}`,
	)
	changed, before := server.Sandbox.Changed(), server.Sandbox.Decisions(1)
	if _, err := server.S3(keys).
		HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("harbour")}); err == nil {
		t.Fatal("a user without s3:ListBucket may head the bucket")
	}
	select {
	case <-changed:
	default:
		t.Error("who watches was not told")
	}
	after := server.Sandbox.Decisions(1000)
	d := after[0]
	if d.Sequence != before[0].Sequence+1 || d.Service != "s3" || d.Principal != arn || d.Action != "s3:ListBucket" ||
		d.Effect != "implicitDeny" {
		t.Errorf("%+v", d)
	}
	if d.Trace.Decision != iam.ImplicitDeny || d.Trace.Fix == "" || len(d.Trace.Policies) != 1 ||
		d.Trace.Policies[0].Statements[0].Failed != "action" {
		t.Errorf("%+v", d.Trace)
	}
	if first := after[len(after)-1].Sequence; first != 1 {
		t.Errorf("the first decision has the number %d", first)
	}
}
