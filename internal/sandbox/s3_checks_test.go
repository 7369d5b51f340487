package sandbox_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/sandboxtest"
)

// leastChecks is the minimum number of checks of S3 by boto3 and the aws
// command.
const leastChecks = 60

// TestS3Checks runs every S3 check of testdata/s3_checks.py, with boto3 and
// the aws command, as a subtest.
func TestS3Checks(t *testing.T) {
	t.Parallel()
	for _, missing := range [][]string{{"aws", "--version"}, {"python3", "-c", "import boto3"}} {
		if err := exec.CommandContext(t.Context(), missing[0], missing[1:]...).Run(); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s: %v, and CI needs it", strings.Join(missing, " "), err)
			}
			t.Skipf(
				"SKIPPED: %s: %v; install the aws command and boto3 to run this test",
				strings.Join(missing, " "),
				err,
			)
		}
	}
	server := sandboxtest.Start(t)
	command := exec.CommandContext(t.Context(), "python3", "testdata/s3_checks.py")
	command.Env = append(
		server.Env(server.Customer.Keys),
		"CUSTOMER="+server.Customer.ID,
		"SERVICE="+server.Service.ID,
		"OTHER_ACCESS_KEY_ID="+server.Service.Keys.AccessKeyID,
		"OTHER_SECRET_ACCESS_KEY="+server.Service.Keys.SecretAccessKey,
	)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	done := 0
	for line := range strings.Lines(string(out)) {
		verdict, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, why, _ := strings.Cut(rest, ": ")
		done++
		t.Run(name, func(t *testing.T) {
			if verdict != "ok" {
				t.Error(why)
			}
		})
	}
	if done < leastChecks {
		t.Errorf("%d checks ran, want at least %d: %v\n%s", done, leastChecks, err, stderr.String())
	}
}
