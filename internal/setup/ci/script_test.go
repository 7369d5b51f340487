package ci_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/internal/setup/ci"
)

const jwt = "aGVhZA.Ym9keQ.c2lnbmF0dXJl"

// exchange starts a server that accepts one token and one grant like Windlass.
func exchange(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/runner") { // GitHub's token endpoint
			if r.Header.Get("Authorization") != "Bearer ask" ||
				!strings.HasPrefix(r.URL.Query().Get("audience"), "http://127.0.0.1:") {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte(`{"count":1,"value":"` + jwt + `"}`))
			return
		}
		var spec struct{ Workspace, Grant string }
		if r.Method != http.MethodPost || r.URL.Path != "/v1/ci/credentials" ||
			r.Header.Get("Authorization") != "Bearer "+jwt ||
			json.NewDecoder(r.Body).Decode(&spec) != nil ||
			spec.Grant != "builds" ||
			spec.Workspace != "main" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write(
			[]byte(
				`{"access_key_id":"ASIA1","secret_access_key":"se/cr+et=","session_token":"to/ke+n==",` +
					`"expiration":"2026-03-01T12:00:00Z","prefixes":["builds/"]}` + "\n"),
		)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// shellIn runs a shell script with an environment and a folder with a CI's
// programs that print the token.
func shellIn(t *testing.T, shell, script string, env ...string) (out, errs string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"circleci":        "#!/bin/sh\n[ \"$*\" = 'run oidc get' ] && echo " + jwt,
		"buildkite-agent": "#!/bin/sh\ncase \"$*\" in *'--claim organization_id,pipeline_id') echo " + jwt + ";; esac",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), shell, "-c", script)
	command.Env = append(
		[]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "WINDLASS_WORKSPACE=main", "WINDLASS_GRANT=builds"},
		env...)
	command.Dir = dir
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

func TestScriptInEachCI(t *testing.T) {
	t.Parallel()
	url := exchange(t)
	for name, env := range map[string][]string{
		"given":             {"WINDLASS_ID_TOKEN=" + jwt},
		"CircleCI":          {"CIRCLECI=true"},
		"CircleCI variable": {"CIRCLECI=true", "CIRCLE_OIDC_TOKEN_V2=" + jwt, "PATH=/usr/bin:/bin"},
		"GitHub": {
			"ACTIONS_ID_TOKEN_REQUEST_URL=" + url + "/runner?v=2",
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask",
		},
		"Buildkite":          {"BUILDKITE=true"},
		"HCP Terraform":      {"TFC_WORKLOAD_IDENTITY_TOKEN_WINDLASS=" + jwt},
		"a slash at the end": {"WINDLASS_ID_TOKEN=" + jwt, "WINDLASS_URL=" + url + "/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := shellIn(t, "sh", ci.Script, append([]string{"WINDLASS_URL=" + url}, env...)...)
			if want := "export AWS_ACCESS_KEY_ID='ASIA1' AWS_SECRET_ACCESS_KEY='se/cr+et=' " +
				"AWS_SESSION_TOKEN='to/ke+n=='\n"; err != nil ||
				out != want {
				t.Errorf("it prints %s%s: %v", out, errs, err)
			}
		})
	}
}

func TestScriptTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	url := exchange(t)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"refused":  {[]string{"WINDLASS_URL=" + url, "WINDLASS_ID_TOKEN=hunter.two.x"}, "no credentials"},
		"no token": {[]string{"WINDLASS_URL=" + url}, "the job has no ID token"},
		"no URL":   {[]string{"WINDLASS_ID_TOKEN=" + jwt}, "WINDLASS_URL"},
	} {
		out, errs, err := shellIn(t, "sh", ci.Script, c.env...)
		if err == nil || out != "" || !strings.Contains(errs, c.want) || strings.Contains(errs, "hunter") {
			t.Errorf("%s: it prints %s%s: %v", name, out, errs, err)
		}
	}
}

func TestScriptAsACredentialProcess(t *testing.T) {
	t.Parallel()
	out, errs, err := shellIn(t, "sh", "set -- process\n"+ci.Script, "WINDLASS_URL="+exchange(t),
		"WINDLASS_ID_TOKEN="+jwt)
	if want := `{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"se/cr+et=","SessionToken":"to/ke+n==",` +
		`"Expiration":"2026-03-01T12:00:00Z"}` + "\n"; err != nil ||
		out != want {
		t.Errorf("it prints %s%s: %v", out, errs, err)
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../ci", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The orb's command runs as in CircleCI: with parameters replaced, "\<<" read
// as "<<", in bash with its flags.
func TestOrb(t *testing.T) {
	t.Parallel()
	var orb struct {
		Version  float64
		Commands map[string]struct {
			Parameters map[string]struct{ Type, Default, Description string }
			Steps      []struct {
				Run struct {
					Command     string
					Environment map[string]string
				}
			}
		}
	}
	readYAML(t, "circleci/orb.yml", &orb)
	command := orb.Commands["credentials"]
	if orb.Version != 2.1 || len(command.Steps) != 1 {
		t.Fatalf("the orb is of version %v, with %d steps", orb.Version, len(command.Steps))
	}
	values := map[string]string{
		"url": exchange(t), "workspace": command.Parameters["workspace"].Default, "grant": "builds",
		"region": "eu-west-1",
	}
	fill := func(text string) string {
		for name, value := range values {
			text = strings.ReplaceAll(text, "<< parameters."+name+" >>", value)
		}
		return strings.ReplaceAll(text, `\<<`, "<<")
	}
	run := command.Steps[0].Run
	later := filepath.Join(t.TempDir(), "bash-env")
	env := []string{"CIRCLECI=true", "BASH_ENV=" + later}
	for name, value := range run.Environment {
		env = append(env, name+"="+fill(value))
	}
	if err := os.WriteFile(later, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fill(run.Command), ci.Script) {
		t.Error("the orb has another script; write ci/circleci/orb.yml again")
	}
	out, errs, err := shellIn(t, "bash", "set -eo pipefail\n"+fill(run.Command), env...)
	if err != nil || out != "" {
		t.Fatalf("the orb prints %s%s: %v", out, errs, err)
	}
	out, errs, err = shellIn(t, "bash", ". "+later+`; echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION"`)
	if err != nil || out != "ASIA1 se/cr+et= eu-west-1\n" {
		t.Errorf("later steps have %s%s: %v", out, errs, err)
	}
}

// The action's step runs as in GitHub's runner.
func TestAction(t *testing.T) {
	t.Parallel()
	var action struct {
		Name, Description string
		Inputs            map[string]struct{ Default string }
		Runs              struct {
			Using string
			Steps []struct {
				Shell, Run string
				Env        map[string]string
			}
		}
	}
	readYAML(t, "github/action.yml", &action)
	if action.Name == "" || action.Description == "" || action.Runs.Using != "composite" ||
		len(action.Runs.Steps) != 1 {
		t.Fatalf("the action is %+v", action)
	}
	folder, err := filepath.Abs("../../../ci/github")
	if err != nil {
		t.Fatal(err)
	}
	if script, err := os.ReadFile(filepath.Join(folder, "credentials.sh")); err != nil || string(script) != ci.Script {
		t.Errorf("the action has another script: %v", err)
	}
	url := exchange(t)
	values := map[string]string{
		"url": url, "workspace": action.Inputs["workspace"].Default, "grant": "builds",
		"region": "eu-west-1",
	}
	later := filepath.Join(t.TempDir(), "env")
	env := []string{
		"GITHUB_ENV=" + later, "GITHUB_ACTION_PATH=" + folder, "ACTIONS_ID_TOKEN_REQUEST_URL=" + url + "/runner?v=2",
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask",
	}
	step := action.Runs.Steps[0]
	for name, value := range step.Env {
		for input, given := range values {
			value = strings.ReplaceAll(value, "${{ inputs."+input+" }}", given)
		}
		env = append(env, name+"="+value)
	}
	if strings.Contains(step.Run, "${{") {
		t.Error("an input stands in the script itself, where it would be run")
	}
	out, errs, err := shellIn(t, "sh", "set -e\n"+step.Run, env...)
	if want := "::add-mask::se/cr+et=\n::add-mask::to/ke+n==\n"; err != nil || out != want {
		t.Fatalf("the action prints %s%s: %v", out, errs, err)
	}
	set, err := os.ReadFile(later)
	if want := "AWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\nAWS_ACCESS_KEY_ID=ASIA1\nAWS_SECRET_ACCESS_KEY=se/cr+et=\nAWS_SESSION_TOKEN=to/ke+n==\n"; err != nil ||
		string(set) != want {
		t.Errorf("later steps have %s: %v", set, err)
	}
}
