package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/testkit/programtest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// station is a service that vends, and a command line.
type station struct {
	*vendingtest.World
	dir string
}

func startStation(t *testing.T) *station {
	t.Helper()
	return &station{vendingtest.Start(t), t.TempDir()}
}

// run runs a command with the variables for the service and these variables.
func (s *station) run(t *testing.T, env map[string]string, args ...string) (status int, out, errs string) {
	t.Helper()
	all := map[string]string{"WINDLASS_URL": s.URL, "WINDLASS_WORKSPACE": "demo", "HOME": s.dir}
	for name, value := range env {
		all[name] = value
	}
	var stdout, stderr bytes.Buffer
	status = cli.Run(t.Context(), "test", args, cli.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, Now: s.Now,
		Getenv: func(name string) string { return all[name] },
		Environ: func() []string {
			return []string{
				"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "AWS_ACCESS_KEY_ID=" + s.AWS.Customer.Keys.AccessKeyID,
				"AWS_SECRET_ACCESS_KEY=" + s.AWS.Customer.Keys.SecretAccessKey,
				"AWS_ENDPOINT_URL=" + s.AWS.URL, "AWS_REGION=" + s.AWS.Region, "AWS_PAGER=",
			}
		},
	})
	return status, stdout.String(), stderr.String()
}

// printed runs the command of a ready document, as a shell reads it.
func (s *station) printed(t *testing.T, guide ci.Guide, name string, more ...string) {
	t.Helper()
	for _, step := range guide.Steps {
		for _, d := range step.Documents {
			if d.Name != name {
				continue
			}
			words, err := exec.CommandContext(t.Context(), "sh", "-c",
				"windlass() { for word; do printf '%s\\0' \"$word\"; done; }\n"+d.Text).Output()
			if err != nil {
				t.Fatal(err)
			}
			args := append(strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00"), more...)
			if status, out, errs := s.run(t, map[string]string{"WINDLASS_TOKEN": "sk_right"}, args...); status != 0 {
				t.Fatalf("%v ended with %d: %s%s", args, status, out, errs)
			}
			return
		}
	}
	t.Fatalf("there is no %s", name)
}

// The printed commands of the brokered way create what the printed
// configuration uses: each CI's own token gets credentials for the prefix, and
// a token of another project gets none.
func TestBrokeredWayOfEachCI(t *testing.T) {
	t.Parallel()
	const circle = "oidc.circleci.com/project-id"
	for kind, c := range map[provider.Kind]struct {
		job    ci.Job
		claims func(now time.Time) vendingtest.Claims
		other  vendingtest.Claims // of a job that is refused
	}{
		provider.CircleCI: {
			ci.Job{
				OrganizationID: vendingtest.CircleOrg, ProjectID: vendingtest.CircleProject, Ref: "refs/heads/main",
				Users: []string{vendingtest.CircleUser},
			},
			func(now time.Time) vendingtest.Claims { return vendingtest.CircleCI(now, true) },
			vendingtest.Claims{circle: "2c9e7d10-5b8a-4e3f-a1d2-6f7e8d9cdead"},
		},
		provider.GitHub: {
			ci.Job{OrganizationID: "65", ProjectID: "74", Ref: "refs/heads/main"},
			vendingtest.GitHub,
			vendingtest.Claims{"repository_id": "75"},
		},
		provider.GitLab: {
			ci.Job{OrganizationID: "72", ProjectID: "20", Ref: "refs/heads/main"},
			vendingtest.GitLab,
			vendingtest.Claims{"ref": "dev", "ref_path": "refs/heads/dev"},
		},
		provider.Buildkite: {
			ci.Job{
				OrganizationID: "018499a0-1111-4222-8333-444455556666",
				ProjectID:      "018499b0-aaaa-4bbb-8ccc-ddddeeeeffff", Ref: "refs/heads/main",
			},
			vendingtest.Buildkite,
			vendingtest.Claims{"build_branch": "dev"},
		},
		provider.Terraform: {
			ci.Job{OrganizationID: "org-GRNbCjYNpBB6NEBH", ProjectID: "ws-mbsd5E3Ktt5Rg2Xm"},
			vendingtest.Terraform,
			vendingtest.Claims{"terraform_workspace_id": "ws-other"},
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := startStation(t)
			guide, err := ci.Write(ci.Order{
				CI: kind, Way: ci.Brokered, Server: s.URL, Workspace: "demo", Integration: s.Integration.Name,
				Bucket: vendingtest.Bucket, Prefix: "ci/app/", Access: generate.ReadWrite, Job: c.job,
			})
			if err != nil {
				t.Fatal(err)
			}
			s.printed(t, guide, "provider.sh", "--jwks-url", s.Issuer.JWKSURL)
			s.printed(t, guide, "grant.sh")
			job := map[string]string{"WINDLASS_ID_TOKEN": s.Issuer.Sign(t, c.claims(s.Now()))}
			status, out, errs := s.run(t, job, "ci", "credentials", "--grant", "ci-"+string(kind))
			var given struct{ AccessKeyID, SessionToken string }
			if err := json.Unmarshal([]byte(out), &given); err != nil || status != 0 ||
				!strings.HasPrefix(given.AccessKeyID, "ASIA") || given.SessionToken == "" {
				t.Errorf("the job gets %d: %s%s", status, out, errs)
			}
			if status, out, errs = s.run(t, job, "ci", "credentials"); status != 1 || out != "" {
				t.Errorf("a token is exchanged again: %d %s%s", status, out, errs)
			}
			job["WINDLASS_ID_TOKEN"] = s.Issuer.Sign(t, c.claims(s.Now()).With(c.other))
			if status, out, errs = s.run(t, job, "ci", "env"); status != 1 || out != "" || !strings.Contains(errs,
				"wasn't exchanged") {
				t.Errorf("another job gets %d: %s%s", status, out, errs)
			}
			if status, out, _ = s.run(t, map[string]string{
				"WINDLASS_ID_TOKEN": job["WINDLASS_ID_TOKEN"],
				"WINDLASS_TOKEN":    "sk_right",
			}, "ci", "explain"); status != 1 || !strings.Contains(out,
				"✗ grant ci-"+string(kind)) {
				t.Errorf("the explanation ends with %d:\n%s", status, out)
			}
		})
	}
}

// TestExecWithTheRealExchange runs the real aws command in a job. It can read
// inside the prefix and not outside, whatever other keys are in the
// environment.
func TestExecWithTheRealExchange(t *testing.T) {
	t.Parallel()
	programtest.Need(t, "aws")
	s := startStation(t)
	admin := map[string]string{"WINDLASS_TOKEN": "sk_right"}
	for _, args := range [][]string{
		{"provider", "add", "circleci", "--org", vendingtest.CircleOrg, "--jwks-url", s.Issuer.JWKSURL},
		{
			"grant", "create", "--name", "builds", "--provider", "circleci", "--where",
			"oidc.circleci.com/project-id=" +
				vendingtest.CircleProject, "--integration", s.Integration.Name, "--bucket", vendingtest.Bucket,
			"--prefix",
			"ci/app/",
		},
	} {
		if status, out, errs := s.run(t, admin, args...); status != 0 {
			t.Fatalf("%v ended with %d: %s%s", args, status, out, errs)
		}
	}
	job := func() map[string]string {
		return map[string]string{
			"CIRCLECI":             "true",
			"CIRCLE_OIDC_TOKEN_V2": s.Issuer.Sign(t, vendingtest.CircleCI(s.Now(), true)),
		}
	}
	exec := []string{"ci", "exec", "--grant", "builds", "--", "aws", "s3"}
	if status, out, errs := s.run(t, job(), append(exec, "cp", "s3://"+vendingtest.Bucket+"/ci/app/a.txt",
		"-")...); status != 0 || out != "app" {
		t.Errorf("inside the prefix it ends with %d: %s%s", status, out, errs)
	}
	if status, out, errs := s.run(t, job(), append(exec, "cp", "s3://"+vendingtest.Bucket+"/ci/other/c.txt",
		"-")...); status != 1 || !strings.Contains(errs, "403") {
		t.Errorf("beside it it ends with %d: %s%s", status, out, errs)
	}
	ran := filepath.Join(s.dir, "ran")
	if status, _, errs := s.run(t, map[string]string{"WINDLASS_ID_TOKEN": "YQ.YQ.YQ"}, "ci", "exec", "--", "touch",
		ran); status != 1 || !strings.Contains(errs, "wasn't exchanged") {
		t.Errorf("a token of nobody ends with %d: %s", status, errs)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a command ran without credentials")
	}
	if status, _, _ := s.run(t, job(), "ci", "exec", "--", "sh", "-c", "exit 7"); status != 7 {
		t.Errorf("the command's status 7 is told as %d", status)
	}
}
