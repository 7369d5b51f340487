package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
)

// patience limits a wait for something short.
const patience = 30 * time.Second

// waitFor waits until ready returns true.
func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !ready() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited too long for %s", what)
		case <-ticker.C:
		}
	}
}

// process is a windlass command that runs.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer
}

// launch starts windlass; the end of the test kills it.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.CommandContext(t.Context(), binary, args...)}
	p.command.Env = append(os.Environ(), env...)
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("windlass %q printed:\n%s", args, p.output.String())
		}
	})
	return p
}

// kill ends the process like a power failure, and waits.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// rehearsal is a sandbox process, and the keys of its accounts.
type rehearsal struct {
	endpoint string
	accounts map[string]account
}

type account struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	AccessKeyID     string `json:"access_key_id"`
	SecretAccessKey string `json:"secret_access_key"`
}

func rehearse(t *testing.T) rehearsal {
	t.Helper()
	address := freeAddress(t)
	answer := filepath.Join(t.TempDir(), "answer.json")
	out, err := os.Create(answer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	p := &process{command: exec.CommandContext(t.Context(), binary, "sandbox", "--listen", address, "--json")}
	p.command.Stdout, p.command.Stderr = out, os.Stderr
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	var body struct {
		Endpoint string    `json:"endpoint"`
		Accounts []account `json:"accounts"`
	}
	waitFor(t, "the sandbox", func() bool {
		text, err := os.ReadFile(answer)
		return err == nil && json.Unmarshal(text, &body) == nil
	})
	r := rehearsal{endpoint: body.Endpoint, accounts: map[string]account{}}
	for _, a := range body.Accounts {
		r.accounts[a.Name] = a
	}
	return r
}

// service is a windlass serve over a folder; it can be started again.
type service struct {
	*process
	*client.Client
	url   string
	token string // of its owner
	id    string // of the node, if there are several
}

func serve(t *testing.T, dir string, aws rehearsal, keys account) service {
	t.Helper()
	return serveAs(t, dir, aws, keys, "")
}

// serveAs starts a service with additional environment variables. Its owner has this
// token, or the first token if it is empty.
func serveAs(t *testing.T, dir string, aws rehearsal, keys account, token string, env ...string) service {
	t.Helper()
	address := freeAddress(t)
	p := launch(t, append(env,
		"AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey,
		"AWS_SESSION_TOKEN="),
		"serve", "--listen", address, "--dir", dir, "--aws-endpoint", aws.endpoint, "--memory", "256MiB")
	if token == "" {
		waitFor(t, "the first token", func() bool {
			text, err := os.ReadFile(filepath.Join(dir, "first-token"))
			token = strings.TrimSpace(string(text))
			return err == nil && token != ""
		})
	}
	api, err := client.New(client.Config{URL: "http://" + address, Token: token, Workspace: "main"})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the service", func() bool { _, err := api.Whoami(t.Context()); return err == nil })
	return service{process: p, Client: api, url: "http://" + address, token: token}
}
