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
	"github.com/windlass-io/windlass/internal/access/accesstest"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

// club is a server with members, and the token sk_right of its workspace.
type club struct {
	*workspace.Service
	made workspace.Workspace
	url  string
}

func openClub(t *testing.T) *club {
	t.Helper()
	s := storetest.Open(t)
	c := &club{Service: workspace.New(workspace.Config{Store: s, Checker: access.NewChecker(audit.NewRecorder(s),
		time.Now), Now: time.Now})}
	setup := access.Actor{Kind: access.System, ID: access.Setup}
	var err error
	if c.made, err = c.Create(t.Context(), setup, "demo"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AddMember(t.Context(), setup, c.made.ID, workspace.NewMember{
		Email: "owner@example.com",
		Role:  access.Owner,
	}); err != nil {
		t.Fatal(err)
	}
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: c, Workspaces: c, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{Workspaces: c.Service},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler.Handler())
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// Authenticate accepts every token as a session of an owner.
func (c *club) Authenticate(context.Context, string) (access.Actor, error) {
	return access.Actor{
		Kind: access.Member, ID: "mem_1", Name: "test", Workspace: c.made.ID, Member: "mem_1",
		Role: access.Owner, Fresh: true,
	}, nil
}

func (c *club) run(t *testing.T, in string, args ...string) (status int, out, errs string) {
	t.Helper()
	env := map[string]string{
		"WINDLASS_URL": c.url + "/", "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
		"HOME": t.TempDir(),
	}
	var stdout, stderr bytes.Buffer
	status = cli.Run(t.Context(), "test", append([]string{"member"}, args...), cli.Streams{
		In: strings.NewReader(in), Out: &stdout, Err: &stderr, Getenv: func(name string) string { return env[name] },
		Now: time.Now,
	})
	return status, stdout.String(), stderr.String()
}

func TestMembersByCommands(t *testing.T) {
	t.Parallel()
	c := openClub(t)
	must := func(in string, args ...string) string {
		t.Helper()
		status, out, errs := c.run(t, in, args...)
		if status != 0 {
			t.Fatalf("%v ended with %d: %s%s", args, status, out, errs)
		}
		return out
	}
	from := workspace.Origin{Address: "192.0.2.1"}
	link, ok := strings.CutPrefix(strings.TrimSpace(must("", "invite", "Ann@example.com")), c.url+"/sign-in/link/")
	if !ok {
		t.Fatalf("invite prints %q", link)
	}
	if ann, err := c.SignInByLink(t.Context(), secret.New(link), from); err != nil || ann.Email != "ann@example.com" ||
		ann.Role != access.Editor {
		t.Errorf("the link signs %+v in: %v", ann, err)
	}
	if again := must("", "link", "ann@example.com"); !strings.HasPrefix(again, c.url+"/sign-in/link/sil_") {
		t.Errorf("link prints %q", again)
	}
	must("correct horse battery\n", "password", "ann@example.com")
	attempt := workspace.Attempt{
		Workspace: "demo", Email: "ann@example.com",
		Password: secret.New("correct horse battery"), Origin: from,
	}
	if _, err := c.SignIn(t.Context(), attempt); err != nil {
		t.Errorf("the password does not sign in: %v", err)
	}
	ann, err := c.SignIn(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.LinkIdentity(t.Context(), accesstest.Fresh(ann.Actor()),
		workspace.Identity{Issuer: "https://id.example.com", Subject: "7f3a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SignInByIdentity(t.Context(), "demo", workspace.Identity{
		Issuer:  "https://id.example.com",
		Subject: "7f3a",
	}, from); err != nil {
		t.Errorf("the identity does not sign in: %v", err)
	}
	if out := must("", "list"); !strings.Contains(out, "link, password, https://id.example.com") ||
		!strings.Contains(out, "owner@example.com") {
		t.Errorf("list prints\n%s", out)
	}
	must("", "identity", "ann@example.com", "--none")
	must("", "password", "ann@example.com", "--none")
	if _, err := c.SignIn(t.Context(), attempt); err == nil {
		t.Error("a password that was taken signs in")
	}
	var members []client.Member
	if err := json.Unmarshal([]byte(must("", "list", "--json")), &members); err != nil || len(members) != 2 ||
		members[1].Identity != nil || members[1].Password {
		t.Errorf("list --json: %v %+v", err, members)
	}
	must("", "remove", "ann@example.com")
	for name, c2 := range map[string]struct {
		in     string
		args   []string
		status int
		says   string
	}{
		"nobody":         {"", []string{"link", "ann@example.com"}, 1, "There is no member"},
		"the last owner": {"", []string{"remove", "owner@example.com"}, 1, "at least one owner"},
		"a short one":    {"short\n", []string{"password", "owner@example.com"}, 1, "must have 12 to 256 bytes"},
		"none given":     {"", []string{"password", "owner@example.com"}, 2, "no password on standard input"},
		"no identity":    {"", []string{"identity", "owner@example.com"}, 2, "--none removes it"},
		"a bad role":     {"", []string{"invite", "x@example.com", "--role", "king"}, 1, ""},
	} {
		if status, _, errs := c.run(t, c2.in, c2.args...); status != c2.status || !strings.Contains(errs, c2.says) {
			t.Errorf("%s: ended with %d: %s", name, status, errs)
		}
	}
}
