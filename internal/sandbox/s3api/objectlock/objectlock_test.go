package objectlock_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

func TestObjectLock(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	lock := func(period string) string {
		return `<ObjectLockConfiguration><ObjectLockEnabled>Enabled<` +
			`/ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE<` +
			`/Mode>` + period + `</DefaultRetention></Rule></ObjectLockConfiguration>`
	}
	retention := func(mode, until string) string {
		return `<Retention><Mode>` + mode + `</Mode><RetainUntilDate>` + until + `</RetainUntilDate></Retention>`
	}
	md5 := map[string]string{}
	bypass := map[string]string{"X-Amz-Bypass-Governance-Retention": "true"}
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{
			Name:   "a bucket without lock",
			Target: "/fuzzed?object-lock",
			Status: 404,
			Has:    []string{"ObjectLockConfigurationNotFoundError"},
		},
		{
			Name:   "lock without versions",
			Method: "PUT",
			Target: "/fuzzed?object-lock",
			Body:   lock("<Days>1</Days>"),
			Header: md5,
			Status: 409,
			Has:    []string{"InvalidBucketState"},
		},
		{
			Name:   "a bucket with lock",
			Method: "PUT",
			Target: "/locked",
			Header: map[string]string{"X-Amz-Bucket-Object-Lock-Enabled": "true"},
		},
		{
			Name:   "days and years",
			Method: "PUT",
			Target: "/locked?object-lock",
			Body:   lock("<Days>1</Days><Years>1</Years>"),
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{
			Name:   "too many years",
			Method: "PUT",
			Target: "/locked?object-lock",
			Body:   lock("<Years>101</Years>"),
			Status: 400,
			Has:    []string{"retention period too large"},
		},
		{
			Name:   "no versions any more",
			Method: "PUT",
			Target: "/locked?versioning",
			Body:   `<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>`,
			Status: 409,
			Has:    []string{"InvalidBucketState"},
		},
		{Name: "put", Method: "PUT", Target: "/locked/k", Body: "x"},
		{
			Name:   "no retention",
			Target: "/locked/k?retention",
			Status: 404,
			Has:    []string{"NoSuchObjectLockConfiguration"},
		},
		{
			Name:   "retention in the past",
			Method: "PUT",
			Target: "/locked/k?retention",
			Body:   retention("GOVERNANCE", "2001-01-01T00:00:00Z"),
			Status: 400,
			Has:    []string{"must be in the future"},
		},
		{
			Name:   "an unknown mode",
			Method: "PUT",
			Target: "/locked/k?retention",
			Body:   retention("STRICT", "2999-01-01T00:00:00Z"),
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{
			Name:   "retention",
			Method: "PUT",
			Target: "/locked/k?retention",
			Body:   retention("GOVERNANCE", "2999-01-01T00:00:00Z"),
		},
		{
			Name:   "a shorter one",
			Method: "PUT",
			Target: "/locked/k?retention",
			Body:   retention("GOVERNANCE", "2998-01-01T00:00:00Z"),
			Status: 403,
			Has:    []string{"AccessDenied"},
		},
		{
			Name:   "a shorter one, with bypass",
			Method: "PUT",
			Target: "/locked/k?retention",
			Body:   retention("GOVERNANCE", "2998-01-01T00:00:00Z"),
			Header: bypass,
		},
		{Name: "read it", Target: "/locked/k?retention", Has: []string{"2998-01-01"}},
		{Name: "no legal hold yet", Target: "/locked/k?legal-hold", Status: 404},
		{
			Name:   "a legal hold that isn't one",
			Method: "PUT",
			Target: "/locked/k?legal-hold",
			Body:   `<LegalHold><Status>MAYBE</Status></LegalHold>`,
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{
			Name:   "legal hold",
			Method: "PUT",
			Target: "/locked/k?legal-hold",
			Body:   `<LegalHold><Status>ON</Status></LegalHold>`,
		},
		{Name: "read the hold", Target: "/locked/k?legal-hold", Has: []string{"<Status>ON</Status>"}},
		{Name: "delete with a marker", Method: "DELETE", Target: "/locked/k", Status: 204},
		{
			Name:   "a lock in a bucket without",
			Method: "PUT",
			Target: "/fuzzed/k",
			Body:   "x",
			Header: map[string]string{"X-Amz-Object-Lock-Legal-Hold": "ON"},
			Status: 400,
			Has:    []string{"ObjectLockConfiguration"},
		},
	})
}
