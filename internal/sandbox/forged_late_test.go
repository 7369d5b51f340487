package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/sandboxtest"
)

// lateRig is a sandbox whose clock can be set forward, and requests that were
// signed when it started.
type lateRig struct {
	server  *sandboxtest.Server
	began   time.Time
	ahead   atomic.Int64
	session aws.Credentials // valid for an hour
}

func newLateRig(t *testing.T) *lateRig {
	t.Helper()
	rig := &lateRig{began: time.Now().Truncate(time.Second)}
	rig.server = sandboxtest.Start(
		t,
		sandboxtest.WithClock(func() time.Time { return rig.began.Add(time.Duration(rig.ahead.Load())) }),
	)
	rig.server.MustBucket(t, rig.server.Customer.Keys, "guarded")
	rig.server.MustPut(t, rig.server.Customer.Keys, "guarded", "k", "text")
	user, userARN := rig.server.MustUser(
		t,
		rig.server.Customer,
		"u",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	)
	role := rig.server.MustRole(
		t,
		rig.server.Customer,
		"r",
		awstest.Fill(awstest.TrustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	rig.session = rig.server.MustAssume(t, user, role, "abc")
	return rig
}

// captured is a signed request as an eavesdropper could capture it, to be sent
// at any time.
type captured struct {
	method, target, body string
	header               http.Header
}

func (rig *lateRig) sign(
	t *testing.T,
	keys aws.Credentials,
	service, method, target, body string,
	at time.Duration,
) captured {
	t.Helper()
	r := httptest.NewRequest(method, rig.server.URL+target, strings.NewReader(body))
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if service == "sts" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(t.Context(), keys, r, hash, service, rig.server.Region, rig.began.Add(at)); err != nil {
		t.Fatal(err)
	}
	return captured{method, target, body, r.Header}
}

// presign returns a URL that is valid for a number of seconds from at.
func (rig *lateRig) presign(t *testing.T, keys aws.Credentials, seconds string, at time.Duration) captured {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, rig.server.URL+"/guarded/k?X-Amz-Expires="+seconds, nil)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	link, _, err := signer.PresignHTTP(
		t.Context(),
		keys,
		r,
		sigv4.UnsignedPayload,
		"s3",
		rig.server.Region,
		rig.began.Add(at),
	)
	if err != nil {
		t.Fatal(err)
	}
	return captured{http.MethodGet, strings.TrimPrefix(link, rig.server.URL), "", http.Header{}}
}

// replay sends a request with the sandbox's clock set ahead.
func (rig *lateRig) replay(c captured, ahead time.Duration) *httptest.ResponseRecorder {
	rig.ahead.Store(int64(ahead))
	r := httptest.NewRequest(c.method, rig.server.URL+c.target, io.NopCloser(bytes.NewReader([]byte(c.body))))
	r.ContentLength = int64(len(c.body))
	r.Header = c.header.Clone()
	out := httptest.NewRecorder()
	rig.server.Sandbox.ServeHTTP(out, r)
	return out
}

// TestForgedLate sends correctly signed requests after they have expired:
// captured requests, presigned URLs, and sessions. The same requests succeed
// while they are valid, so that only the time can be the reason for the error.
func TestForgedLate(t *testing.T) { //nolint:tparallel // one clock, so the cases run in sequence
	t.Parallel()
	rig := newLateRig(t)
	root := rig.server.Customer.Keys
	const whoami = "Action=GetCallerIdentity&Version=2011-06-15"
	get := rig.sign(t, root, "s3", http.MethodGet, "/guarded/k", "", 0)
	put := rig.sign(t, root, "s3", http.MethodPut, "/guarded/put", "text", 0)
	ask := rig.sign(t, root, "sts", http.MethodPost, "/", whoami, 0)
	link := rig.presign(t, root, "300", 0)
	longer := link
	longer.target = strings.Replace(longer.target, "X-Amz-Expires=300", "X-Amz-Expires=3000", 1)
	longer.target = strings.Replace(
		longer.target,
		url.QueryEscape("X-Amz-Expires=300"),
		url.QueryEscape("X-Amz-Expires=3000"),
		1,
	)

	const window = sigv4.MaxSkew
	for _, test := range []struct {
		name    string
		request captured
		ahead   time.Duration
		status  int
		want    string // error code; empty: success
	}{
		{"a read, replayed in time", get, window - time.Second, 200, ""},
		{"a read, replayed beyond the window", get, window + time.Second, 403, "RequestTimeTooSkewed"},
		{"a write, replayed in time", put, window - time.Second, 200, ""},
		{"a write, replayed beyond the window", put, window + time.Second, 403, "RequestTimeTooSkewed"},
		{"a call of STS, replayed in time", ask, window - time.Second, 200, ""},
		{"a call of STS, replayed beyond the window", ask, window + time.Second, 403, "SignatureDoesNotMatch"},
		{"a link in time", link, 299 * time.Second, 200, ""},
		{"a link that has expired", link, 301 * time.Second, 403, "AccessDenied"},
		{"a link whose end was put off", longer, 299 * time.Second, 403, "SignatureDoesNotMatch"},
		{"a link from the future", rig.presign(t, root, "300", time.Hour), 0, 403, "AccessDenied"},
		{"a link for more than a week", rig.presign(t, root, "604801", 0), 0, 400, "AuthorizationQueryParametersError"},
		{"a link that has no time", rig.presign(t, root, "-1", 0), 0, 400, "AuthorizationQueryParametersError"},
		{
			"a session in its hour", rig.sign(t, rig.session, "s3", http.MethodGet, "/guarded/k", "", 59*time.Minute),
			59 * time.Minute, 200, "",
		},
		{
			"a session after its hour",
			rig.sign(t, rig.session, "s3", http.MethodGet, "/guarded/k", "", 61*time.Minute), 61 * time.Minute,
			400, "ExpiredToken",
		},
		{
			"a session after its hour, at STS",
			rig.sign(t, rig.session, "sts", http.MethodPost, "/", whoami, 61*time.Minute), 61 * time.Minute, 403,
			"ExpiredToken",
		},
		{"a session's link in its hour", rig.presign(t, rig.session, "7200", 0), 59 * time.Minute, 200, ""},
		{
			"a session's link that outlives the session", rig.presign(t, rig.session, "7200", 0), 61 * time.Minute, 400,
			"ExpiredToken",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := rig.replay(test.request, test.ahead)
			text := out.Body.String()
			if out.Code != test.status || test.want != "" && !strings.Contains(text, "<Code>"+test.want+"</Code>") {
				t.Errorf("answered %d %s, want %d %q", out.Code, text, test.status, test.want)
			}
		})
	}
}
