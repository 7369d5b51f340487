package sandbox

import (
	"html/template"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	at := func(seconds int) time.Time { return sample.Time.Add(-time.Duration(seconds) * time.Second) }
	calls := []callRow{
		{
			9, at(1), "arn:aws:sts::222222222222:assumed-role/windlass-reader/windlass-load", "s3:GetObject",
			"arn:aws:s3:::valley-waterworks/private/contracts.csv", "implicitDeny", "403 AccessDenied", "",
			"No statement of any policy allows s3:GetObject on arn:aws:s3:::valley-waterworks/private/contracts.csv.",
		},
		{
			8, at(2), "arn:aws:sts::222222222222:assumed-role/windlass-reader/windlass-load", "s3:GetObject",
			"arn:aws:s3:::valley-waterworks/shared/readings.csv", "allow", "206", "identity policy 1, statement 2",
			"Statement 2 of identity policy 1 allows it.",
		},
		{
			7, at(3), "AKIAIOSFODNN7EXAMPLE", "s3:ListBucket", "arn:aws:s3:::valley-waterworks", "refused",
			"403 SignatureDoesNotMatch", "", "The request signature we calculated does not match the signature you provided.",
		},
		{
			6, at(5), "arn:aws:iam::111111111111:user/windlass", "sts:AssumeRole",
			"arn:aws:iam::222222222222:role/windlass-reader", "implicitDeny", "403 AccessDenied", "",
			"The role’s trust policy doesn’t allow this call by arn:aws:iam::111111111111:user/windlass.",
		},
	}
	faults := []faultView{{
		"fault_2", "Calls are throttled: SlowDown from S3, Throttling from the others",
		"S3 · GetObject · 10 calls at most", 4, false,
	}, {
		"fault_1", "Calls fail with an internal error, status 500",
		"every call · until 09:29:00 UTC", 12, true,
	}}
	show := func(calls []callRow, filter callFilter, faults []faultView) *sandboxPage {
		return &sandboxPage{
			Frame: sample.Frame("Sandbox", "/sandbox"), Endpoint: "http://127.0.0.1:9090",
			Region: "us-east-1", Calls: calls, Filter: filter, Faults: faults, Form: faultForm{}.filled(),
		}
	}
	broken := show(calls, callFilter{}, nil)
	broken.Problem = &page.Problem{
		Message: "“0” isn't a number of calls or minutes.",
		Hint:    "Enter a whole number, or leave it empty.",
	}
	return []sample.Page{
		sample.New("sandbox-empty", "sandbox/sandbox", show(nil, callFilter{}, nil)),
		sample.New("sandbox-none-match", "sandbox/sandbox", show(nil, callFilter{Effect: "denied", Service: "kms"},
			nil)),
		sample.New("sandbox", "sandbox/sandbox", show(calls, callFilter{}, faults)),
		sample.New("sandbox-rejected", "sandbox/sandbox", broken),
		sample.New("sandbox-call", "sandbox/call", &callPage{
			Frame:       sample.Frame("s3:GetObject", "/sandbox", page.Crumb{Name: "Sandbox", Path: "/sandbox"}),
			Call:        calls[1],
			RequestID:   "0123456789ABCDEF",
			Explanation: template.HTML(`<section class="trace" data-decision="allow"><p class="trace-reason"><strong>Allowed.</strong> Statement 2 of identity policy 1 allows it.</p></section>`),
		}),
		sample.New("sandbox-call-refused", "sandbox/call", &callPage{
			Frame:     sample.Frame("s3:ListBucket", "/sandbox", page.Crumb{Name: "Sandbox", Path: "/sandbox"}),
			Call:      calls[2],
			RequestID: "0123456789ABCDEF",
		}),
	}
}
