package s3api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/sandboxtest"
)

// presignV2 returns a presigned URL with Signature Version 2 for an object, in
// path style.
func presignV2(keys aws.Credentials, object string, life time.Duration) url.Values {
	expires := strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	query, headers := url.Values{"AWSAccessKeyId": {keys.AccessKeyID}, "Expires": {expires}}, ""
	if keys.SessionToken != "" {
		query.Set("x-amz-security-token", keys.SessionToken)
		headers = "x-amz-security-token:" + keys.SessionToken + "\n"
	}
	query.Set("Signature", sigv2.Sign(keys.SecretAccessKey, "GET\n\n\n"+expires+"\n"+headers+object))
	return query
}

// TestForgedPresignedV2 sends URLs that were made without the secret, or for
// something else.
func TestForgedPresignedV2(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	root := server.Customer.Keys
	server.MustBucket(t, root, "guarded")
	server.MustPut(t, root, "guarded", "k", "text")
	server.MustPut(t, root, "guarded", "other", "text")
	central := &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintEuCentral1}
	if _, err := server.S3(root).
		CreateBucket(t.Context(),
			&s3.CreateBucketInput{Bucket: aws.String("central"), CreateBucketConfiguration: central}); err != nil {
		t.Fatal(err)
	}
	user, userARN := server.MustUser(
		t,
		server.Customer,
		"u",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	)
	modern, _ := server.MustUser(
		t,
		server.Customer,
		"modern",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",`+
			`"Condition":{"StringEquals":{"s3:signatureversion":"AWS4-HMAC-SHA256"}}}]}`,
	)
	old, _ := server.MustUser(
		t,
		server.Customer,
		"old",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",`+
			`"Condition":{"StringEquals":{"s3:signatureversion":"AWS","s3:authType":"REST-QUERY-STRING"}}}]}`,
	)
	role := server.MustRole(
		t,
		server.Customer,
		"r",
		awstest.Fill(awstest.TrustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	session := server.MustAssume(t, user, role, "abc")
	another := server.MustAssume(t, user, role, "abc")
	without := aws.Credentials{AccessKeyID: session.AccessKeyID, SecretAccessKey: session.SecretAccessKey}
	with := func(keys aws.Credentials, token string) aws.Credentials {
		keys.SessionToken = token
		return keys
	}

	for name, test := range map[string]struct {
		keys   aws.Credentials
		signed string // object; default: the requested one
		asked  string
		life   time.Duration
		tamper func(*http.Request)
		want   string // error code; empty: success
	}{
		"whole":                        {keys: root},
		"whole, of a session":          {keys: session},
		"of a user bound to Version 2": {keys: old},
		"of a user bound to Version 4": {keys: modern, want: "AccessDenied"},
		"in virtual-host style": {
			keys:   root,
			tamper: func(r *http.Request) { r.Host, r.URL.Path = "guarded.localhost", "/k" },
		},
		"another secret": {keys: aws.Credentials{
			AccessKeyID:     root.AccessKeyID,
			SecretAccessKey: "forged",
		}, want: "SignatureDoesNotMatch"},
		"an unknown key": {keys: aws.Credentials{
			AccessKeyID:     "AKIANOSUCHKEYNOSUCHK",
			SecretAccessKey: "x",
		}, want: "InvalidAccessKeyId"},
		"another object": {keys: root, signed: "/guarded/other", want: "SignatureDoesNotMatch"},
		"the bucket of another host": {
			keys: root, tamper: func(r *http.Request) { r.Host = "guarded.localhost" },
			want: "SignatureDoesNotMatch",
		},
		"expired":                      {keys: root, life: -time.Minute, want: "AccessDenied"},
		"a bucket in a younger region": {keys: root, asked: "/central/k", want: "InvalidRequest"},
		"as a deletion": {
			keys: root, tamper: func(r *http.Request) { r.Method = http.MethodDelete },
			want: "SignatureDoesNotMatch",
		},
		"the retention instead": {
			keys: root, tamper: func(r *http.Request) { r.URL.RawQuery += "&retention" },
			want: "SignatureDoesNotMatch",
		},
		"another version": {
			keys: root, tamper: func(r *http.Request) { r.URL.RawQuery += "&versionId=null" },
			want: "SignatureDoesNotMatch",
		},
		"a header in the query": {
			keys:   root,
			tamper: func(r *http.Request) { r.URL.RawQuery += "&x-amz-copy-source=guarded%2Fother" },
			want:   "SignatureDoesNotMatch",
		},
		"by Version 4 as well": {keys: root, tamper: func(r *http.Request) {
			r.URL.RawQuery += "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260131%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260131T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=9&X-Amz-Signature=0"
		}, want: "InvalidArgument"},
		"by a header as well": {keys: root, tamper: func(r *http.Request) {
			r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			r.Header.Set("Authorization", "AWS a:b")
		}, want: "InvalidArgument"},
		"a session without its token":    {keys: without, want: "InvalidAccessKeyId"},
		"a session with another's token": {keys: with(session, another.SessionToken), want: "InvalidToken"},
		"a token with a long-term key":   {keys: with(root, session.SessionToken), want: "InvalidToken"},
		"a token changed on the way": {keys: session, tamper: func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, url.QueryEscape(session.SessionToken),
				url.QueryEscape(another.SessionToken), 1)
		}, want: "SignatureDoesNotMatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.asked == "" {
				test.asked = "/guarded/k"
			}
			if test.signed == "" {
				test.signed = test.asked
			}
			if test.life == 0 {
				test.life = time.Hour
			}
			r := httptest.NewRequest(
				http.MethodGet,
				server.URL+test.asked+"?"+presignV2(test.keys, test.signed, test.life).Encode(),
				nil,
			)
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

// TestPresignedHeaders checks that query parameters of a presigned URL have the
// effect of the header of the same name.
func TestPresignedHeaders(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "hoisted")
	server.MustPut(t, server.Customer.Keys, "hoisted", "k", "text")
	client := s3.NewPresignClient(server.S3(server.Customer.Keys))
	for owner, want := range map[string]int{
		server.Customer.ID: http.StatusOK,
		server.Service.ID:  http.StatusForbidden,
	} {
		made, err := client.PresignGetObject(
			t.Context(),
			&s3.GetObjectInput{
				Bucket:              aws.String("hoisted"),
				Key:                 aws.String("k"),
				ExpectedBucketOwner: aws.String(owner),
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(made.URL, "bucket-owner="+owner) {
			t.Fatalf("the SDK puts the owner elsewhere: %s", made.URL)
		}
		out := httptest.NewRecorder()
		server.Sandbox.ServeHTTP(out, httptest.NewRequest(made.Method, made.URL, nil))
		if out.Code != want {
			t.Errorf("with owner %s: answered %d %s, want %d", owner, out.Code, out.Body, want)
		}
	}
}
