package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// connected is a server with integrations and a doctor, an AWS, and a command
// line.
type connected struct {
	*doctortest.World
	url string
}

func serveIntegrations(t *testing.T) *connected {
	t.Helper()
	c := &connected{World: doctortest.Start(t)}
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: c, Workspaces: c, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{
			Identity: c.identity(), Integrations: c.Integrations, Credentials: c.Credentials,
			Doctor: c.Doctor,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler.Handler())
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// identity is the service's own.
func (c *connected) identity() *principal.Service {
	return principal.New(principal.Config{
		Checker: access.NewChecker(c.Decisions, time.Now), Roles: c.Roles, AWS: c.AWS.Config(c.Keys),
		Endpoint: c.AWS.URL, Now: time.Now,
	})
}

// Authenticate accepts one token.
func (c *connected) Authenticate(_ context.Context, text string) (access.Actor, error) {
	if text != "sk_right" {
		return access.Actor{}, problem.New(problem.Unauthenticated, "This token is not known.")
	}
	return c.Actor, nil
}

// Resolve knows one workspace.
func (c *connected) Resolve(_ context.Context, name string) (string, error) {
	if name != "demo" {
		return "", access.Missing("workspace", name)
	}
	return c.Actor.Workspace, nil
}

func (c *connected) run(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	return c.command(t, "", append([]string{"integration"}, args...)...)
}

// command runs any command.
func (c *connected) command(t *testing.T, input string, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := map[string]string{
		"WINDLASS_URL": c.url, "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
		"HOME": t.TempDir(),
	}
	status = cli.Run(t.Context(), "test", args, cli.Streams{
		In: strings.NewReader(input), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(name string) string { return env[name] },
	})
	return status, stdout.String(), stderr.String()
}

// must runs a command that is to succeed.
func (c *connected) must(t *testing.T, args ...string) string {
	t.Helper()
	status, out, errs := c.run(t, args...)
	if status != 0 {
		t.Fatalf("%v ended with %d: %s%s", args, status, out, errs)
	}
	return out
}

func TestIntegrationByCommands(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	out := c.must(t, "create", "--name", "acme", "--location", "s3://acme-data/daily")
	for _, want := range []string{
		"External ID", "User ARN          " + c.Principal, "reserved",
		"CloudFormation    https://us-east-1.console.aws.amazon.com/cloudformation/home",
		"Trust policy of the role windlass-acme", `"s3:prefix": "daily/*"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("create does not print %q:\n%s", want, out)
		}
	}
	var made client.Integration
	if err := json.Unmarshal([]byte(c.must(t, "show", "acme", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	role := c.AWS.MustRole(t, c.AWS.Customer, doctortest.RoleName, string(made.Setup.TrustPolicy),
		string(made.Setup.PermissionPolicy))
	if status, out, _ := c.run(t, "verify", "acme"); status != 1 || out != "" {
		t.Errorf("verifying a reservation ended with %d: %s", status, out)
	}
	c.must(t, "update", "acme", "--role-arn", role)

	if out = c.must(t, "show", "acme"); strings.Contains(out, "CloudFormation") ||
		strings.Contains(out, "Requester pays") {
		t.Errorf("with a role, show prints\n%s", out)
	}
	if out = c.must(t, "create", "--name", "paid", "--location", "s3://acme-more/",
		"--requester-pays"); !strings.Contains(out, "Requester pays: Windlass sends") {
		t.Errorf("create prints\n%s", out)
	}

	out = c.must(t, "verify", "acme")
	if !strings.Contains(out, "✓ assume-without-id  AWS denied access to the role without an External ID.\n") ||
		!strings.HasSuffix(out, "\nVerified.\n") || strings.Contains(out, "\x1b") {
		t.Errorf("verify prints\n%s", out)
	}
	if out = c.must(t, "list"); !strings.Contains(out, "verified") || !strings.Contains(out, "s3://acme-data/daily/") {
		t.Errorf("list prints\n%s", out)
	}
	if out = c.must(t, "template"); !strings.HasPrefix(out, "AWSTemplateFormatVersion") || !strings.Contains(out,
		"Bucket8:") {
		t.Errorf("template prints\n%s", out)
	}
	if out = c.must(t, "setup", "acme", "--format", "cli"); !strings.Contains(out,
		"aws iam update-assume-role-policy") {
		t.Errorf("setup prints\n%s", out)
	}
	if out = c.must(t, "update", "acme", "--location", "s3://acme-data/"); !strings.Contains(out,
		`-      "Resource": "arn:aws:s3:::acme-data/daily/*"`) {
		t.Errorf("update prints\n%s", out)
	}
	if out = c.must(t, "rotate", "acme"); !strings.Contains(out, "+++ b/trust-policy.json") || !strings.Contains(out,
		"rotate "+made.ID+" --complete") {
		t.Errorf("rotate prints\n%s", out)
	}
	c.must(t, "rotate", "acme", "--abandon")
	if out = c.must(t, "history", "acme"); !strings.Contains(out, "test token") {
		t.Errorf("history prints\n%s", out)
	}
	if out = c.must(t, "report", "acme"); !strings.HasPrefix(out, "<!doctype html>") {
		t.Errorf("report prints\n%s", out)
	}
	if out = c.must(t, "impact", "acme"); out != "Nothing needs it.\n" {
		t.Errorf("impact prints\n%s", out)
	}
	if out = c.must(t, "remove", "acme"); !strings.Contains(out, "windlass integration restore "+made.ID) {
		t.Errorf("remove prints\n%s", out)
	}
	if status, _, errs := c.run(t, "show", "acme"); status != 1 || !strings.Contains(errs,
		"There is no integration acme") {
		t.Errorf("after the removal, show ended with %d: %s", status, errs)
	}
	if out = c.must(t, "list", "--removed"); !strings.Contains(out, made.ID) || !strings.Contains(out,
		"It was removed.") {
		t.Errorf("list --removed prints\n%s", out)
	}
	if out = c.must(t, "restore", "acme"); !strings.Contains(out, "unverified") {
		t.Errorf("restore prints\n%s", out)
	}
}

func TestVerifyPrintsWhatToChange(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	i := c.MustConnect(t, c.MustReserve(t))
	if out := c.must(t, "history", i.ID); out != "Never verified. Run: windlass integration verify "+i.ID+"\n" {
		t.Errorf("history prints\n%s", out)
	}
	c.MustVerify(t, i)
	c.AWS.MustTrust(t, c.AWS.Customer, doctortest.RoleName,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+c.Principal+
			`"},"Action":"sts:AssumeRole"}]}`)
	status, out, _ := c.run(t, "verify", i.ID)
	if status != 1 {
		t.Errorf("an insecure role ended with %d", status)
	}
	for _, want := range []string{
		"✗ assume-without-id  The role let Windlass in without an External ID.",
		"Cause: A statement", `"sts:ExternalId": "` + string(i.ExternalID),
		"aws iam update-assume-role-policy --role-name reader", "(see the change printed at assume-without-id)",
		"Insecure: Windlass doesn't use this role.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("verify does not print %q:\n%s", want, out)
		}
	}
	if out := c.must(t, "history", i.ID); !strings.Contains(out,
		"  pass → fail: assume-without-id, assume-wrong-id\n") {
		t.Errorf("history prints\n%s", out)
	}
	var past []client.Verification
	if err := json.Unmarshal([]byte(c.must(t, "history", i.ID, "--json")), &past); err != nil || len(past) != 2 ||
		len(past[0].Changes) != 2 || past[1].Changes != nil {
		t.Errorf("history has %+v, %v", past, err)
	}
	status, out, _ = c.run(t, "verify", i.ID, "--json")
	var v client.Verification
	if err := json.Unmarshal([]byte(out), &v); err != nil || status != 1 || v.State != "insecure" ||
		v.Checks[3].Fix == nil {
		t.Errorf("with --json it ended with %d: %v\n%s", status, err, out)
	}
	if _, out, _ = c.run(t, "verify", i.ID, "--quiet"); strings.Contains(out, "✓") || !strings.Contains(out, "✗") {
		t.Errorf("with --quiet it prints\n%s", out)
	}
}

func TestIntegrationUsage(t *testing.T) {
	t.Parallel()
	c := serveIntegrations(t)
	for _, args := range [][]string{
		{"create", "--location", "acme/daily"},
		{"create", "--location", "s3://acme/../"},
		{"create", "extra"},
		{"update", "acme"},
		{"update", "acme", "--json"},
		{"create", "--external-id", "0"},
		{"verify"},
		{"rotate", "acme", "--complete", "--abandon"},
		{"setup", "acme", "--formt", "cli"},
	} {
		if status, out, _ := c.run(t, args...); status != 2 || out != "" {
			t.Errorf("%v ended with %d: %s", args, status, out)
		}
	}
	for _, args := range [][]string{
		{"show", "nobody"},
		{"create", "--role-arn", "nobody"},
		{"create", "--access", "all"},
	} {
		if status, out, errs := c.run(t, args...); status != 1 || out != "" || errs == "" {
			t.Errorf("%v ended with %d: %s%s", args, status, out, errs)
		}
	}
}
