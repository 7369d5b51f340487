package s3api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

// documents are the S3 operations that read a document.
func documents() []string {
	return []string{
		"PUT /fuzzed?tagging",
		"PUT /fuzzed?cors",
		"PUT /fuzzed?website",
		"PUT /fuzzed?policy",
		"PUT /fuzzed?acl",
		"PUT /fuzzed?versioning",
		"PUT /fuzzed?encryption",
		"PUT /fuzzed?object-lock",
		"PUT /fuzzed?publicAccessBlock",
		"PUT /fuzzed?ownershipControls",
		"PUT /fuzzed?requestPayment",
		"PUT /fuzzed?lifecycle",
		"POST /fuzzed?delete",
		"PUT /fuzzed/k?tagging",
		"PUT /fuzzed/k?retention",
		"PUT /fuzzed/k?legal-hold",
		"POST /fuzzed/k?restore",
		"POST /fuzzed/k?uploadId=x",
		"PUT /another",
	}
}

// FuzzS3Documents sends arbitrary documents to every operation that reads one.
// The error must be AWS's, and never an internal error.
func FuzzS3Documents(f *testing.F) {
	box, keys := awstest.OpenBox(f)
	for i, document := range []string{
		`<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`,
		`<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><` +
			`/CORSRule></CORSConfiguration>`,
		`<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":["*"],"Action":"s3:*",` +
			`"Resource":"arn:aws:s3:::fuzzed"}]}`,
		`<AccessControlPolicy><Owner><ID>x</ID></Owner></AccessControlPolicy>`,
		`<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`,
		`<ServerSideEncryptionConfiguration/>`, `<ObjectLockConfiguration><ObjectLockEnabled>Enabled<` +
			`/ObjectLockEnabled></ObjectLockConfiguration>`,
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
		if status := awstest.Send(
			t,
			box,
			keys,
			"s3",
			method,
			target,
			document,
			header,
		).Code; status >= http.StatusInternalServerError &&
			status != http.StatusNotImplemented {
			t.Errorf("%s %s answers %d to %q", method, target, status, document)
		}
	})
}
