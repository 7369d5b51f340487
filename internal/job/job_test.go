package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/job"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func keys(end time.Time) job.Credentials {
	return job.Credentials{
		AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("se/cr+et="),
		SessionToken: secret.New("to'k\"en"), Expiration: end,
	}
}

func TestKeeperRenewsAheadAndKeepsWhatIsGood(t *testing.T) {
	t.Parallel()
	now, vended := start, 0
	var refuse error
	k := &job.Keeper{
		Now: func() time.Time { return now },
		Vend: func(context.Context) (job.Credentials, error) {
			vended++
			return keys(now.Add(time.Hour)), refuse
		},
	}
	for _, step := range []struct {
		at     time.Duration
		refuse error
		vended int
		end    time.Duration // 0: an error
	}{
		{0, nil, 1, time.Hour},
		{54 * time.Minute, nil, 1, time.Hour},
		{56 * time.Minute, errors.New("down"), 2, time.Hour},
		{56*time.Minute + time.Second, errors.New("down"), 2, time.Hour},
		{57 * time.Minute, nil, 3, 117 * time.Minute},
		{112*time.Minute + time.Second, errors.New("down"), 4, 117 * time.Minute},
		{117 * time.Minute, errors.New("down"), 5, 0},
		{118 * time.Minute, nil, 6, 178 * time.Minute},
	} {
		now, refuse = start.Add(step.at), step.refuse
		got, err := k.Credentials(t.Context())
		if vended != step.vended || (err == nil) != (step.end != 0) || err == nil &&
			!got.Expiration.Equal(start.Add(step.end)) {
			t.Errorf("at %v: asked %d times, got credentials to %v: %v", step.at, vended, got.Expiration, err)
		}
	}
}

func TestEndpointAnswersItsTokenAlone(t *testing.T) {
	t.Parallel()
	var fails atomic.Bool
	e, err := job.Listen(t.Context(), func(context.Context) (job.Credentials, error) {
		if fails.Load() {
			return job.Credentials{}, problem.New(problem.Forbidden, "The token was not exchanged for credentials.")
		}
		return keys(start), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	ask := func(method, url, token, host string) (int, map[string]string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		request.Header.Set("Authorization", token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var document map[string]string
		if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, document
	}
	token := e.Token.Reveal()
	status, document := ask(http.MethodGet, e.URL, token, "")
	want := map[string]string{
		"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "se/cr+et=", "Token": "to'k\"en",
		"Expiration": "2026-03-01T12:00:00Z",
	}
	if diff := cmp.Diff(want, document); status != 200 || diff != "" {
		t.Errorf("it answers %d (-want +got):\n%s", status, diff)
	}
	for name, c := range map[string]struct {
		method, url, token, host string
		want                     int
	}{
		"no token":      {http.MethodGet, e.URL, "", "", 401},
		"another token": {http.MethodGet, e.URL, token + "x", "", 401},
		"another host":  {http.MethodGet, e.URL, token, "evil.example.com", 404},
		"another path":  {http.MethodGet, e.URL + "x", token, "", 404},
		"a post":        {http.MethodPost, e.URL, token, "", 404},
	} {
		if status, document := ask(c.method, c.url, c.token, c.host); status != c.want ||
			document["SecretAccessKey"] != "" {
			t.Errorf("%s: %d %v", name, status, document)
		}
	}
	fails.Store(true)
	if status, document := ask(http.MethodGet, e.URL, token, ""); status != 403 ||
		document["message"] != "The token was not exchanged for credentials." {
		t.Errorf("a refusal is told as %d %v", status, document)
	}
}

func TestEnvironmentHasOneIdentity(t *testing.T) {
	t.Parallel()
	base := []string{
		"PATH=/bin", "AWS_ACCESS_KEY_ID=AKIA", "AWS_SECRET_ACCESS_KEY=x", "AWS_SESSION_TOKEN=x", "AWS_PROFILE=p",
		"AWS_ROLE_ARN=r",
		"AWS_WEB_IDENTITY_TOKEN_FILE=f", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/x",
		"AWS_SHARED_CREDENTIALS_FILE=/home/c", "AWS_CONFIG_FILE=/home/d",
		"AWS_BEARER_TOKEN_BEDROCK=x", "AWS_SOMETHING_NEW=x", "BOTO_CONFIG=x", "AWS_REGION=eu-west-1",
		"AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:8",
	}
	want := []string{
		"PATH=/bin", "AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:8",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_CONTAINER_CREDENTIALS_FULL_URI=u", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=eu-west-1", "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	got := job.Environment(base, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "u"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A shell reads back the written values, whatever they contain.
func TestVariablesInShells(t *testing.T) {
	t.Parallel()
	hard := job.Credentials{
		AccessKeyID: "ASIA", SecretAccessKey: secret.New(`a'b"c\d$e` + "`f`"),
		SessionToken: secret.New("x=/+y"), Expiration: start,
	}
	for format, shell := range map[job.Format][]string{
		job.Shell: {"bash", "-c"}, job.Fish: {"fish", "-c"},
		job.PowerShell: {"pwsh", "-Command"},
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			text, err := hard.Variables(format)
			if err != nil || !strings.Contains(text, "AWS_PROFILE") {
				t.Fatalf("got %s: %v", text, err)
			}
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("SKIPPED: %s is not installed; the words for it are not tried", shell[0])
			}
			command := exec.CommandContext(t.Context(), shell[0], shell[1], text+"env")
			command.Env = []string{"PATH=" + os.Getenv("PATH"), "AWS_PROFILE=other"}
			out, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(out), "\n")
			if !slices.Contains(lines, "AWS_SECRET_ACCESS_KEY="+hard.SecretAccessKey.Reveal()) ||
				strings.Contains(string(out), "AWS_PROFILE") {
				t.Errorf("the shell has\n%s", out)
			}
		})
	}
	text, err := hard.Variables(job.Dotenv)
	if err != nil || !strings.Contains(text, "AWS_SESSION_TOKEN=x=/+y\n") || !strings.Contains(text,
		`AWS_SECRET_ACCESS_KEY="a'b\"c\\d\$e`) {
		t.Errorf("dotenv is\n%s%v", text, err)
	}
	if _, err := hard.Variables("csh"); !problem.Is(err, problem.Invalid) {
		t.Errorf("an unknown format answers %v", err)
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	text, err := keys(start).Process()
	if want := `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"se/cr+et=","SessionToken":"to'k\"en","Expiration":"2026-03-01T12:00:00Z"}`; err != nil || string(text) != want {
		t.Errorf("got %s: %v", text, err)
	}
}

func TestCommandPassesStatusAndSignals(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -9 $$": 137} {
		got, err := job.Command{Args: []string{"sh", "-c", script}, Env: os.Environ()}.Run(t.Context())
		if err != nil || got != want {
			t.Errorf("%s ended with %d: %v", script, got, err)
		}
	}
	if _, err := (job.Command{Args: []string{"no-such-program-here"}}).Run(t.Context()); !problem.Is(err,
		problem.Invalid) {
		t.Errorf("a missing program answers %v", err)
	}
	signals := make(chan os.Signal, 1)
	out := &trigger{on: "ready", do: func() { signals <- syscall.SIGTERM }}
	script := `trap 'echo stopping; exit 9' TERM; echo ready; while :; do sleep 0.05; done`
	got, err := job.Command{
		Args: []string{"sh", "-c", script}, Env: os.Environ(), Out: out,
		Signals: signals,
	}.Run(t.Context())
	if err != nil || got != 9 || !strings.Contains(out.seen.String(), "stopping") {
		t.Errorf("after SIGTERM it ended with %d: %v\n%s", got, err, out.seen.String())
	}
}

// trigger is a writer that calls a function after a word was written.
type trigger struct {
	seen strings.Builder
	on   string
	do   func()
}

func (w *trigger) Write(p []byte) (int, error) {
	n, err := w.seen.Write(p)
	if w.do != nil && strings.Contains(w.seen.String(), w.on) {
		w.do()
		w.do = nil
	}
	return n, err
}
