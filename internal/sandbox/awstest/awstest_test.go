package awstest_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

func TestCode(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDenied"}
	for want, err := range map[string]error{
		"": nil, "AccessDenied": fmt.Errorf("calling: %w", denied), "broken": errors.New("broken"),
	} {
		if got := awstest.Code(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

func TestKeyPolicyIsAPolicy(t *testing.T) {
	t.Parallel()
	document := awstest.KeyPolicy("222222222222", "arn:aws:iam::222222222222:user/a", "kms:Encrypt", "kms:Decrypt")
	policy, err := iam.Parse(iam.Resource, []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if got := policy.Statements[1].Action.Values; len(got) != 2 || got[1].Value != "kms:Decrypt" {
		t.Errorf("got actions %v", got)
	}
}

func TestRandomIsReproducible(t *testing.T) {
	t.Parallel()
	first := awstest.Random(1, 64)
	if len(first) != 64 || !bytes.Equal(first, awstest.Random(1, 64)) {
		t.Errorf("got %x, then something else", first)
	}
	if bytes.Equal(first, awstest.Random(2, 64)) {
		t.Error("two seeds return the same bytes")
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{Target: "/fuzzed", Has: []string{"<Name>fuzzed</Name>"}, Not: []string{"<Contents>"}},
		{Method: http.MethodPut, Target: "/fuzzed/a"},
		{Target: "/fuzzed", Has: []string{"<Key>a</Key>"}},
		{Target: "/other", Status: http.StatusNotFound, Has: []string{"NoSuchBucket"}},
	})
}
