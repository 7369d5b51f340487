package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/sandboxtest"
)

// reported is a call in the response of GET /_sandbox/decisions.
type reported struct {
	Sequence                                                        int64
	Time                                                            string
	RequestID                                                       string `json:"request_id"`
	Principal, Service, Action, Resource, Effect, Code, Explanation string
	Status                                                          int
	Trace                                                           json.RawMessage
}

func decisions(t *testing.T, server *sandboxtest.Server, query string) []reported {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/_sandbox/decisions"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Items []reported }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", query, response.Status, err)
	}
	return answer.Items
}

func TestDecisionsOverHTTP(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "acme")
	server.MustPut(t, server.Customer.Keys, "acme", "a", "x")
	user, arn := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",`+
			`"Resource":"arn:aws:s3:::acme/*"}]}`,
	)
	get := func(keys aws.Credentials, key string) {
		_, _ = server.S3(keys).
			GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: &key})
		// only the outcome matters
	}
	get(user, "a")
	get(user, "none")
	_, _ = server.S3(user).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("acme")})
	get(aws.Credentials{AccessKeyID: user.AccessKeyID, SecretAccessKey: "wrong"}, "a")
	get(aws.Credentials{}, "a")
	_, _ = server.KMS(user).
		Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: []byte("none")})
		// denied without an entry
	mend := server.MustFault(t, fault.Fault{Kind: fault.Unavailable, Match: fault.Match{Service: "sts"}})
	_, _ = server.STS(user, func(o *sts.Options) { o.RetryMaxAttempts = 1 }).
		GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	mend()

	for query, want := range map[string]reported{
		"?action=getobject&effect=allow&principal=ada": {
			Principal: arn, Service: "s3", Action: "s3:GetObject",
			Resource: "arn:aws:s3:::acme/a", Effect: "allow", Status: 200,
		},
		"?action=ListBucket&principal=ada&resource=acme&code=AccessDenied&limit=1": {
			Principal: arn, Service: "s3", Action: "s3:ListBucket", Resource: "arn:aws:s3:::acme",
			Effect: "implicitDeny", Status: 403, Code: "AccessDenied",
		},
		"?code=SignatureDoesNotMatch": {
			Principal: arn, Service: "s3", Action: "s3:GetObject",
			Resource: "arn:aws:s3:::acme/a", Effect: "refused", Status: 403, Code: "SignatureDoesNotMatch",
		},
		"?principal=anonymous&action=GetObject": {
			Principal: "anonymous", Service: "s3", Action: "s3:GetObject", Resource: "arn:aws:s3:::acme/a",
			Effect: "implicitDeny", Status: 403, Code: "AccessDenied",
		},
		"?action=Decrypt": {
			Principal: arn, Service: "kms", Action: "kms:Decrypt", Resource: "*", Effect: "refused",
			Status: 400, Code: "InvalidCiphertextException",
		},
		"?service=sts": {
			Principal: arn, Service: "sts", Action: "sts:GetCallerIdentity", Resource: "*",
			Effect: "refused", Status: 503, Code: "ServiceUnavailable",
		},
	} {
		found := decisions(t, server, query)
		if len(found) == 0 {
			t.Errorf("%s finds nothing", query)
			continue
		}
		got := found[len(found)-1]
		full := len(got.Trace) > len("null")
		if got.Explanation == "" || strings.Contains(got.Explanation, "\n") || got.RequestID == "" ||
			got.Sequence == 0 ||
			got.Time == "" ||
			full != (want.Effect != "refused") {
			t.Errorf("%s: incomplete entry: %+v", query, got)
		}
		got.Sequence, got.Time, got.RequestID, got.Explanation, got.Trace = 0, "", "", "", nil
		if got.Effect != want.Effect || got.Principal != want.Principal || got.Service != want.Service ||
			got.Action != want.Action ||
			got.Resource != want.Resource ||
			got.Status != want.Status ||
			got.Code != want.Code {
			t.Errorf("%s finds %+v, want %+v", query, got, want)
		}
	}
	all := decisions(t, server, "?limit=1000")
	if got := decisions(t, server, "?limit=3"); len(got) != 3 || got[0].Sequence != all[0].Sequence {
		t.Errorf("a limit of 3 gives %d, from %d", len(got), got[0].Sequence)
	}
	if got := decisions(t, server, "?after="+strconv.FormatInt(all[2].Sequence, 10)); len(got) != 2 {
		t.Errorf("after the last but two there are %d, want 2", len(got))
	}
	if got := decisions(
		t,
		server,
		"?request_id="+all[0].RequestID,
	); len(got) == 0 ||
		got[0].RequestID != all[0].RequestID {
		t.Errorf("by request ID there is %+v", got)
	}
}
