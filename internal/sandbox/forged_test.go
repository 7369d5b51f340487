package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestForgedRequests sends requests without the secret, or with a signature
// for something else.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "guarded")
	server.MustPut(t, server.Customer.Keys, "guarded", "k", "text")
	user, userARN := server.MustUser(
		t,
		server.Customer,
		"u",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	)
	role := server.MustRole(
		t,
		server.Customer,
		"r",
		awstest.Fill(awstest.TrustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	session := server.MustAssume(t, user, role, "abc")
	other := server.MustAssume(t, user, role, "abc")
	root := server.Customer.Keys

	type forgery struct {
		keys    aws.Credentials
		service string
		region  string
		age     time.Duration
		tamper  func(*http.Request)
		want    string // error code; empty: success
	}
	for name, test := range map[string]forgery{
		"whole":               {keys: root},
		"whole, of a session": {keys: session},
		"another secret": {keys: aws.Credentials{
			AccessKeyID:     root.AccessKeyID,
			SecretAccessKey: "forged",
		}, want: "SignatureDoesNotMatch"},
		"an unknown key": {keys: aws.Credentials{
			AccessKeyID:     "AKIANOSUCHKEYNOSUCHK",
			SecretAccessKey: "x",
		}, want: "InvalidAccessKeyId"},
		"for another service":           {keys: root, service: "ec2", want: "AuthorizationHeaderMalformed"},
		"for another region":            {keys: root, region: "eu-west-1", want: "PermanentRedirect"},
		"replayed after twenty minutes": {keys: root, age: 20 * time.Minute, want: "RequestTimeTooSkewed"},
		"from the future":               {keys: root, age: -20 * time.Minute, want: "RequestTimeTooSkewed"},
		"replayed for another key": {
			keys: root, tamper: func(r *http.Request) { r.URL.Path = "/guarded/other" },
			want: "SignatureDoesNotMatch",
		},
		"replayed as a deletion": {
			keys: root, tamper: func(r *http.Request) { r.Method = http.MethodDelete },
			want: "SignatureDoesNotMatch",
		},
		"a header that was not signed": {
			keys: root, tamper: func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") },
			want: "AccessDenied",
		},
		"a parameter that was added": {
			keys: root, tamper: func(r *http.Request) { r.URL.RawQuery = "acl" },
			want: "SignatureDoesNotMatch",
		},
		"another date": {keys: root, tamper: func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().Add(time.Minute).Format("20060102T150405Z"))
		}, want: "SignatureDoesNotMatch"},
		"a session without its token": {
			keys: aws.Credentials{AccessKeyID: session.AccessKeyID, SecretAccessKey: session.SecretAccessKey},
			want: "InvalidAccessKeyId",
		},
		"a session with another's token": {keys: aws.Credentials{
			AccessKeyID: session.AccessKeyID, SecretAccessKey: session.SecretAccessKey,
			SessionToken: other.SessionToken,
		}, want: "InvalidToken"},
		"a forged token": {keys: aws.Credentials{
			AccessKeyID:     session.AccessKeyID,
			SecretAccessKey: session.SecretAccessKey, SessionToken: "forged",
		}, want: "InvalidToken"},
		"a token with a long-term key": {keys: aws.Credentials{
			AccessKeyID: root.AccessKeyID, SecretAccessKey: root.SecretAccessKey,
			SessionToken: session.SessionToken,
		}, want: "InvalidToken"},
		"a token changed on the way": {
			keys:   session,
			tamper: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", other.SessionToken) },
			want:   "SignatureDoesNotMatch",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.service == "" {
				test.service = "s3"
			}
			if test.region == "" {
				test.region = server.Region
			}
			r := httptest.NewRequest(http.MethodGet, server.URL+"/guarded/k", nil)
			r.Header.Set("X-Amz-Content-Sha256", sigv4.EmptyHash)
			signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
			if err := signer.SignHTTP(
				t.Context(),
				test.keys,
				r,
				sigv4.EmptyHash,
				test.service,
				test.region,
				time.Now().Add(-test.age),
			); err != nil {
				t.Fatal(err)
			}
			if test.tamper != nil {
				test.tamper(r)
			}
			out := httptest.NewRecorder()
			server.Sandbox.ServeHTTP(out, r)
			if test.want == "" && out.Code != http.StatusOK ||
				test.want != "" && !strings.Contains(out.Body.String(), "<Code>"+test.want+"</Code>") {
				t.Errorf("answered %d %s, want %q", out.Code, out.Body, test.want)
			}
		})
	}
}
