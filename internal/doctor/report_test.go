package doctor_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/object"
)

var update = flag.Bool("update", false, "write the golden files again")

// aVerification returns a verification with one of everything that a report shows.
func aVerification() doctor.Verification {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return doctor.Verification{
		ID:    "ver_1",
		State: doctor.Failing, Reason: "s3://acme-data/<daily>/ cannot be read: AWS answered 403 AccessDenied.",
		By:        "ann@example.com",
		StartedAt: at, EndedAt: at.Add(1200 * time.Millisecond),
		Subject: doctor.Subject{
			Name: "acme & sons", PrincipalARN: "arn:aws:iam::111111111111:user/windlass",
			RoleARN:    "arn:aws:iam::222222222222:role/reader",
			ExternalID: "0123456789abcdef0123456789abcdef",
			Locations:  []object.Location{{Bucket: "acme-data", Prefix: "<daily>/"}}, Access: "read",
		},
		Checks: []doctor.Check{
			{
				Code: doctor.CodeAssume, Title: doctor.CodeAssume.Title(), Status: doctor.Pass,
				Detail: "AWS let Windlass in.", Calls: []doctor.Call{
					{
						Action: "sts:AssumeRole", Resource: "arn:aws:iam::222222222222:role/reader", Status: 200,
						RequestID: "r-1", Took: 12345 * time.Microsecond,
					},
				},
			},
			{
				Code: doctor.CodeGet, Title: doctor.CodeGet.Title(), Status: doctor.Fail, Detail: "It cannot be read.",
				Cause: "No /* at the end.",
				Fix:   &doctor.Fix{Text: "Add it.", Diff: "-a\n+b", Command: "aws iam put-role-policy"},
				Calls: []doctor.Call{
					{
						Action: "s3:GetObject", Resource: "s3://acme-data/<daily>/1", Status: 403,
						ErrorCode: "AccessDenied", Took: time.Second,
					},
					{Action: "s3:GetObject", Resource: "s3://acme-data/<daily>/2"},
				},
			},
			{
				Code: doctor.CodePutRefused, Title: doctor.CodePutRefused.Title(), Status: doctor.Skip,
				Detail: "It waits.", WaitsFor: doctor.CodeGet,
			},
		},
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := doctor.WriteReport(&out, aVerification()); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "report.html")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.Contains(out.String(), "<daily>") || strings.Contains(out.String(), "http") {
		t.Error("the report has what a browser would read as markup, or fetch")
	}
}
