package sandbox_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// fuzzBox is a sandbox with a bucket, and the keys of the bucket's root.
func fuzzBox(f *testing.F) (*sandbox.Sandbox, aws.Credentials) {
	f.Helper()
	box, err := sandbox.Open(f.Context(), sandbox.Config{})
	if err != nil {
		f.Fatal(err)
	}
	account := box.Accounts()[1]
	keys := aws.Credentials{AccessKeyID: account.RootAccessKeyID, SecretAccessKey: account.RootSecretAccessKey.Reveal()}
	if status := answer(f, box, keys, "s3", http.MethodPut, "/fuzzed", "", nil); status != http.StatusOK {
		f.Fatalf("making the bucket: %d", status)
	}
	return box, keys
}

// answer signs a request, has the sandbox answer it without a connection, and
// gives the status.
func answer(t testing.TB, box *sandbox.Sandbox, keys aws.Credentials, service, method, target, body string, header http.Header) int {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	hash := sigv4.Hash([]byte(body))
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(t.Context(), keys, r, hash, service, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	out := httptest.NewRecorder()
	box.ServeHTTP(out, r)
	return out.Code
}

// documents are the calls of S3 that read a document.
func documents() []string {
	return []string{
		"PUT /fuzzed?tagging", "PUT /fuzzed?cors", "PUT /fuzzed?website", "PUT /fuzzed?policy", "PUT /fuzzed?acl", "PUT /fuzzed?versioning",
		"PUT /fuzzed?encryption", "PUT /fuzzed?object-lock", "PUT /fuzzed?publicAccessBlock", "PUT /fuzzed?ownershipControls",
		"PUT /fuzzed?requestPayment", "PUT /fuzzed?lifecycle", "POST /fuzzed?delete", "PUT /fuzzed/k?tagging", "PUT /fuzzed/k?retention",
		"PUT /fuzzed/k?legal-hold", "POST /fuzzed/k?restore", "POST /fuzzed/k?uploadId=x", "PUT /another",
	}
}

// FuzzS3Documents holds every document that S3 reads to one rule: whatever it
// is, the answer is AWS's, and never a failure of ours.
func FuzzS3Documents(f *testing.F) {
	box, keys := fuzzBox(f)
	for i, document := range []string{
		`<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`,
		`<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`,
		`<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":["*"],"Action":"s3:*","Resource":"arn:aws:s3:::fuzzed"}]}`,
		`<AccessControlPolicy><Owner><ID>x</ID></Owner></AccessControlPolicy>`, `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`,
		`<ServerSideEncryptionConfiguration/>`, `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`,
	} {
		f.Add(i, document)
	}
	f.Add(12, `<Delete><Object><Key>k</Key></Object></Delete>`)
	f.Fuzz(func(t *testing.T, which int, document string) {
		calls := documents()
		method, target, _ := strings.Cut(calls[uint(which)%uint(len(calls))], " ")
		header := http.Header{}
		if strings.Contains(target, "delete") {
			header.Set("X-Amz-Checksum-Crc32", "AAAAAA==")
		}
		if status := answer(t, box, keys, "s3", method, target, document, header); status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
			t.Errorf("%s %s answers %d to %q", method, target, status, document)
		}
	})
}

// FuzzForms sends forms with any policy and any fields: one whose policy
// nobody signed puts nothing.
func FuzzForms(f *testing.F) {
	box, _ := fuzzBox(f)
	f.Add(`{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","k"],["content-length-range",0,9]]}`, "k", "text")
	f.Add(`{"conditions":[{"acl":"private"}]}`, "${filename}", "")
	f.Fuzz(func(t *testing.T, policy, key, data string) {
		var b strings.Builder
		for name, value := range map[string]string{
			"key": key, "policy": base64.StdEncoding.EncodeToString([]byte(policy)), "x-amz-algorithm": "AWS4-HMAC-SHA256",
			"x-amz-credential": "AKIDEXAMPLE/20260131/us-east-1/s3/aws4_request", "x-amz-date": "20260131T000000Z", "x-amz-signature": key,
		} {
			b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
		}
		b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + data + "\r\n--edge--\r\n")
		r := httptest.NewRequest(http.MethodPost, "http://localhost/fuzzed", strings.NewReader(b.String()))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=edge")
		out := httptest.NewRecorder()
		box.ServeHTTP(out, r)
		if out.Code < http.StatusBadRequest || out.Code >= http.StatusInternalServerError {
			t.Errorf("an unsigned form is answered %d", out.Code)
		}
	})
}

// FuzzQuery sends IAM and STS whatever a form can say.
func FuzzQuery(f *testing.F) {
	box, keys := fuzzBox(f)
	f.Add("iam", "Action=CreateUser&Version=2010-05-08&UserName=u")
	f.Add("iam", "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=a&Tags.member.1.Value=b")
	f.Add("sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=s&DurationSeconds=9")
	f.Add("sts", "Action=GetFederationToken&Version=2011-06-15&Name=n&PolicyArns.member.2.arn=x")
	f.Fuzz(func(t *testing.T, service, form string) {
		if service != "iam" {
			service = "sts"
		}
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		if status := answer(t, box, keys, service, http.MethodPost, "/", form, header); status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
			values, _ := url.ParseQuery(form)
			t.Errorf("%s answers %d to %v", service, status, values)
		}
	})
}
