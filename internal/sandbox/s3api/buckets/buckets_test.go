package buckets_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"acme": true, "acme-data.2026": true, "a": false, "Acme": false, "acme_data": false, "acme..data": false,
		"192.168.1.1": false,
		"xn--acme":    false, "acme-s3alias": false, "-acme": false,
	} {
		if err := buckets.CheckName(name); (err == nil) != valid {
			t.Errorf("%s: %v, want valid: %t", name, err, valid)
		}
	}
	for region, valid := range map[string]bool{
		"us-east-1": true, "ap-southeast-3": true, "us-gov-east-1": true,
		"mars": false, "us-east-1x": false,
	} {
		if buckets.IsRegion(region) != valid {
			t.Errorf("IsRegion(%q) is %t", region, !valid)
		}
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{Name: "invalid name", Method: "PUT", Target: "/Fuzzed", Status: 400, Has: []string{"InvalidBucketName"}},
		{Name: "create again in us-east-1", Method: "PUT", Target: "/fuzzed"},
		{
			Name:   "unknown region",
			Method: "PUT",
			Target: "/north",
			Body: `<CreateBucketConfiguration><LocationConstraint>pole</LocationConstraint><` +
				`/CreateBucketConfiguration>`,
			Status: 400,
			Has:    []string{"InvalidLocationConstraint"},
		},
		{
			Name:   "another region",
			Method: "PUT",
			Target: "/south",
			Body: `<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint><` +
				`/CreateBucketConfiguration>`,
		},
		{
			Name:   "another region, called here",
			Target: "/south?location",
			Status: 301,
			Has:    []string{"PermanentRedirect", "south.s3.eu-central-1.amazonaws.com"},
		},
		{
			Name:   "location of us-east-1",
			Target: "/fuzzed?location",
			Has:    []string{"<LocationConstraint", "></LocationConstraint>"},
		},
		{Name: "list", Target: "/?prefix=fu", Has: []string{"<Name>fuzzed</Name>"}, Not: []string{"south"}},
		{Name: "page of one", Target: "/?max-buckets=1", Has: []string{"<ContinuationToken>"}},
		{Name: "page of none", Target: "/?max-buckets=0", Status: 400, Has: []string{"InvalidArgument"}},
		{Name: "no bucket", Target: "/nowhere", Status: 404, Has: []string{"NoSuchBucket"}},
		{Name: "put an object", Method: "PUT", Target: "/fuzzed/k", Body: "x"},
		{
			Name:   "delete a full bucket",
			Method: "DELETE",
			Target: "/fuzzed",
			Status: 409,
			Has:    []string{"BucketNotEmpty"},
		},
		{Name: "delete the object", Method: "DELETE", Target: "/fuzzed/k", Status: 204},
		{Name: "delete the bucket", Method: "DELETE", Target: "/fuzzed", Status: 204},
	})
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	rule := func(inner string) string {
		return `<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled<` +
			`/Status>` + inner + `</Rule></LifecycleConfiguration>`
	}
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{Name: "no lifecycle", Target: "/fuzzed?lifecycle", Status: 404, Has: []string{"NoSuchLifecycleConfiguration"}},
		{
			Name:   "lifecycle without an action",
			Method: "PUT",
			Target: "/fuzzed?lifecycle",
			Body:   rule(""),
			Status: 400,
			Has:    []string{"InvalidRequest"},
		},
		{
			Name:   "lifecycle of zero days",
			Method: "PUT",
			Target: "/fuzzed?lifecycle",
			Body:   rule("<Expiration><Days>0</Days></Expiration>"),
			Status: 400,
			Has:    []string{"InvalidArgument"},
		},
		{
			Name:   "lifecycle to a class that isn't one",
			Method: "PUT",
			Target: "/fuzzed?lifecycle",
			Body:   rule("<Transition><Days>40</Days><StorageClass>ICE</StorageClass></Transition>"),
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{
			Name:   "lifecycle",
			Method: "PUT",
			Target: "/fuzzed?lifecycle",
			Body:   rule("<Expiration><Days>1</Days></Expiration>"),
		},
		{Name: "read it", Target: "/fuzzed?lifecycle", Has: []string{"<Days>1</Days>"}},
		{Name: "delete it", Method: "DELETE", Target: "/fuzzed?lifecycle", Status: 204},
		{
			Name:   "CORS with a wrong method",
			Method: "PUT",
			Target: "/fuzzed?cors",
			Body: `<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH<` +
				`/AllowedMethod></CORSRule></CORSConfiguration>`,
			Status: 400,
			Has:    []string{"InvalidRequest"},
		},
		{
			Name:   "website without an index",
			Method: "PUT",
			Target: "/fuzzed?website",
			Body:   `<WebsiteConfiguration/>`,
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{
			Name:   "website with a redirect to status 200",
			Method: "PUT",
			Target: "/fuzzed?website",
			Body: `<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix><` +
				`/IndexDocument><RoutingRules><RoutingRule><Redirect><HttpRedirectCode>200</HttpRedirectCode><` +
				`/Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>`,
			Status: 400,
			Has:    []string{"InvalidRequest"},
		},
		{
			Name:   "logging to no bucket",
			Method: "PUT",
			Target: "/fuzzed?logging",
			Body: `<BucketLoggingStatus><LoggingEnabled><TargetBucket>none</TargetBucket></LoggingEnabled><` +
				`/BucketLoggingStatus>`,
			Status: 400,
			Has:    []string{"InvalidTargetBucketForLogging"},
		},
		{Name: "no logging", Target: "/fuzzed?logging", Has: []string{"<BucketLoggingStatus"}},
		{
			Name:   "replication without versions",
			Method: "PUT",
			Target: "/fuzzed?replication",
			Body:   `<ReplicationConfiguration><Role>r</Role><Rule/></ReplicationConfiguration>`,
			Status: 400,
			Has:    []string{"InvalidRequest"},
		},
		{
			Name:   "versioning without a status",
			Method: "PUT",
			Target: "/fuzzed?versioning",
			Body:   `<VersioningConfiguration/>`,
			Status: 400,
			Has:    []string{"IllegalVersioningConfigurationException"},
		},
		{
			Name:   "versioning",
			Method: "PUT",
			Target: "/fuzzed?versioning",
			Body:   `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`,
		},
		{Name: "read versioning", Target: "/fuzzed?versioning", Has: []string{"<Status>Enabled</Status>"}},
		{
			Name:   "payment",
			Method: "PUT",
			Target: "/fuzzed?requestPayment",
			Body:   `<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>`,
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
	})
}

// TestPreflight sends the unsigned preflight request of a browser.
func TestPreflight(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	ask := func(origin, method, headers string) map[string]string {
		return map[string]string{
			"Origin":                         origin,
			"Access-Control-Request-Method":  method,
			"Access-Control-Request-Headers": headers,
		}
	}
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{
			Name:   "no configuration",
			Method: "OPTIONS",
			Target: "/fuzzed/k",
			Header: ask("https://acme.example", "GET", ""),
			Status: 403,
			Has:    []string{"CORS is not enabled"},
		},
		{
			Name:   "configure",
			Method: "PUT",
			Target: "/fuzzed?cors",
			Body: `<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example<` +
				`/AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-a*</AllowedHeader></CORSRule><` +
				`/CORSConfiguration>`,
		},
		{
			Name:   "allowed",
			Method: "OPTIONS",
			Target: "/fuzzed/k",
			Header: ask("https://acme.example", "GET", "X-Amz-Date"),
		},
		{
			Name:   "another origin",
			Method: "OPTIONS",
			Target: "/fuzzed/k",
			Header: ask("https://acme.invalid", "GET", ""),
			Status: 403,
		},
		{
			Name:   "another method",
			Method: "OPTIONS",
			Target: "/fuzzed/k",
			Header: ask("https://acme.example", "PUT", ""),
			Status: 403,
		},
		{
			Name:   "another header",
			Method: "OPTIONS",
			Target: "/fuzzed/k",
			Header: ask("https://acme.example", "GET", "Content-Type"),
			Status: 403,
		},
		{Name: "no origin", Method: "OPTIONS", Target: "/fuzzed/k", Header: ask("", "GET", ""), Status: 400},
	})
}
