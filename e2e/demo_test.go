package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type demoReport struct {
	Integration struct {
		ID           string `json:"id"`
		State        string `json:"state"`
		ExternalID   string `json:"external_id"`
		PrincipalARN string `json:"principal_arn"`
		RoleARN      string `json:"role_arn"`
	} `json:"integration"`
	Checks []struct {
		Code   string `json:"code"`
		Status string `json:"status"`
	} `json:"checks"`
	Datasets []struct {
		ID       string `json:"id"`
		File     string `json:"file"`
		Rows     int64  `json:"rows"`
		Rejected int64  `json:"rejected"`
	} `json:"datasets"`
	Requests []struct {
		URL    string `json:"url"`
		Status int    `json:"status"`
		Rows   int    `json:"rows"`
	} `json:"requests"`
	Unreadable []struct {
		File   string `json:"file"`
		Reason string `json:"reason"`
	} `json:"unreadable"`
}

func runDemo(t *testing.T, args ...string) demoReport {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary,
		append([]string{"demo", "--once", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	command.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	var out, faults bytes.Buffer
	command.Stdout, command.Stderr = &out, &faults
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out.String(), faults.String())
	}
	var report demoReport
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	return report
}

// account returns rows and rejected rows by file.
func (r demoReport) account() map[string][2]int64 {
	found := map[string][2]int64{}
	for _, d := range r.Datasets {
		found[d.File] = [2]int64{d.Rows, d.Rejected}
	}
	return found
}

func TestDemoAccountsForEveryRow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	report := runDemo(t, "--dir", dir)
	want := map[string][2]int64{
		"wells.csv": {120, 0}, "levels.csv.gz": {7197, 3}, "tariffs.tsv": {4, 0},
		"pumps.jsonl": {2000, 0}, "quality.json": {600, 0}, "flow.parquet": {20_000, 0},
	}
	if diff := cmp.Diff(want, report.account()); diff != "" {
		t.Errorf("rows and rejected rows (-want +got):\n%s", diff)
	}
	if report.Integration.State != "verified" || len(report.Integration.ExternalID) != 32 || len(report.Checks) < 8 {
		t.Errorf("the integration is %+v, with %d checks", report.Integration, len(report.Checks))
	}
	for _, check := range report.Checks {
		if check.Status != "pass" {
			t.Errorf("check %s: %s", check.Code, check.Status)
		}
	}
	for _, request := range report.Requests {
		if request.Status != 200 || request.Rows != 1 {
			t.Errorf("%s answered %d with %d rows", request.URL, request.Status, request.Rows)
		}
	}
	if len(report.Requests) != len(want) {
		t.Errorf("%d requests for %d datasets", len(report.Requests), len(want))
	}
	again := runDemo(t, "--dir", dir)
	if again.Integration.ID != report.Integration.ID || again.Integration.ExternalID != report.Integration.ExternalID {
		t.Errorf("the second start has another integration: %+v", again.Integration)
	}
	if rows := again.account()["pumps.jsonl"][0]; rows != 2000 {
		t.Errorf("after the second start pumps.jsonl has %d rows", rows)
	}
}

// An object that can't be read is named, and the others are loaded.
func TestDemoNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.csv": "id,n\na,1\nb,2\n", "empty.csv": "", "alike.csv": "id,id\n1,2\n",
		"cut.csv.gz": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4a\xd4\xc9",
		"ragged.csv": "id,n\na,1\nb\nc,3,4\nd,4\n" + strings.Repeat("e,5\n", 7),
		"latin.csv":  "id,name\n1,caf\xe9\n2,tea\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report := runDemo(t, "--data", dir)
	want := map[string][2]int64{"good.csv": {2, 0}, "ragged.csv": {9, 2}, "latin.csv": {2, 0}, "alike.csv": {1, 0}}
	if diff := cmp.Diff(want, report.account()); diff != "" {
		t.Errorf("rows and rejected rows (-want +got):\n%s", diff)
	}
	unread := map[string]bool{}
	for _, f := range report.Unreadable {
		unread[f.File] = f.Reason != ""
	}
	if diff := cmp.Diff(map[string]bool{"empty.csv": true, "cut.csv.gz": true}, unread); diff != "" {
		t.Errorf("unreadable, with a reason (-want +got):\n%s\n%+v", diff, report.Unreadable)
	}
}
