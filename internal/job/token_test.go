package job_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/job"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	jwt   = "aGVhZA.Ym9keQ.c2lnbmF0dXJl"
	other = "aGVhZA.b3RoZXI.c2lnbmF0dXJl"
)

// tokens returns Tokens with an environment, and with programs that print
// these texts.
func tokens(env map[string]string, programs map[string]string) job.Tokens {
	return job.Tokens{
		Getenv: func(name string) string { return env[name] }, ReadFile: os.ReadFile, HTTP: http.DefaultClient,
		Run: func(_ context.Context, name string, args ...string) ([]byte, error) {
			printed, ok := programs[name+" "+strings.Join(args, " ")]
			if !ok {
				return nil, errors.New("not found")
			}
			return []byte(printed), nil
		},
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]job.CI{
		"CIRCLECI": job.CircleCI, "GITHUB_ACTIONS": job.GitHub, "GITLAB_CI": job.GitLab, "BUILDKITE": job.Buildkite,
		"TFC_RUN_ID": job.Terraform, "CI": "",
	} {
		got := job.Detect(func(name string) string {
			if name == variable {
				return "true"
			}
			return ""
		})
		if got != want {
			t.Errorf("with %s it is %q", variable, got)
		}
	}
}

func TestTokenOfEachCI(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/token"
	if err := os.WriteFile(file, []byte(jwt+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		ask      job.Ask
		env      map[string]string
		programs map[string]string
		origin   string
		fault    string // a part of the error or its hint; empty: a token
	}{
		"CircleCI asks": {
			job.Ask{CI: job.CircleCI},
			map[string]string{"CIRCLE_OIDC_TOKEN_V2": other},
			map[string]string{"circleci run oidc get": jwt + "\n"},
			"circleci run oidc get", "",
		},
		"CircleCI v2": {job.Ask{CI: job.CircleCI}, map[string]string{
			"CIRCLE_OIDC_TOKEN_V2": jwt,
			"CIRCLE_OIDC_TOKEN":    other,
		}, nil, "CIRCLE_OIDC_TOKEN_V2", ""},
		"CircleCI v1": {
			job.Ask{CI: job.CircleCI},
			map[string]string{"CIRCLE_OIDC_TOKEN": jwt},
			nil,
			"CIRCLE_OIDC_TOKEN", "",
		},
		"CircleCI audience": {
			job.Ask{CI: job.CircleCI, Audience: "mine"},
			nil,
			map[string]string{`circleci run oidc get --claims {"aud":"mine"}`: jwt},
			"circleci run oidc get", "",
		},
		"CircleCI no audience": {
			job.Ask{CI: job.CircleCI, Audience: "mine"},
			map[string]string{"CIRCLE_OIDC_TOKEN_V2": other},
			nil, "", "circleci is on the PATH",
		},
		"CircleCI of a fork": {job.Ask{CI: job.CircleCI}, nil, nil, "", "every job, except those of forks"},
		"GitLab": {
			job.Ask{CI: job.GitLab},
			map[string]string{"WINDLASS_ID_TOKEN": jwt},
			nil,
			"WINDLASS_ID_TOKEN", "",
		},
		"GitLab without": {job.Ask{CI: job.GitLab}, nil, nil, "", "id_tokens: {WINDLASS_ID_TOKEN"},
		"Buildkite": {
			job.Ask{CI: job.Buildkite, Audience: "mine"},
			nil,
			map[string]string{"buildkite-agent oidc request-token --claim organization_id,pipeline_id --audience mine": jwt},
			"buildkite-agent oidc request-token", "",
		},
		"Buildkite without": {job.Ask{CI: job.Buildkite}, nil, nil, "", "buildkite-agent is on the PATH"},
		"Terraform tag": {
			job.Ask{CI: job.Terraform},
			map[string]string{"TFC_WORKLOAD_IDENTITY_TOKEN_WINDLASS": jwt, "TFC_WORKLOAD_IDENTITY_TOKEN": other},
			nil,
			"TFC_WORKLOAD_IDENTITY_TOKEN_WINDLASS", "",
		},
		"Terraform": {
			job.Ask{CI: job.Terraform},
			map[string]string{"TFC_WORKLOAD_IDENTITY_TOKEN": jwt},
			nil,
			"TFC_WORKLOAD_IDENTITY_TOKEN", "",
		},
		"Terraform without": {job.Ask{CI: job.Terraform}, nil, nil, "", "TFC_WORKLOAD_IDENTITY_AUDIENCE_WINDLASS"},
		"GitHub without":    {job.Ask{CI: job.GitHub}, nil, nil, "", "id-token: write"},
		"GitHub in the clear": {
			job.Ask{CI: job.GitHub},
			map[string]string{
				"ACTIONS_ID_TOKEN_REQUEST_URL":   "http://example.com/",
				"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x",
			},
			nil, "", "plain HTTP",
		},
		"file":    {job.Ask{CI: job.GitHub, File: file}, nil, nil, file, ""},
		"no file": {job.Ask{File: file + "x"}, nil, nil, "", "no such file"},
		"named variable": {
			job.Ask{Env: "MINE"},
			map[string]string{"MINE": jwt, "WINDLASS_ID_TOKEN": other},
			nil,
			"MINE", "",
		},
		"variable over all": {
			job.Ask{CI: job.CircleCI},
			map[string]string{"WINDLASS_ID_TOKEN": jwt},
			map[string]string{"circleci run oidc get": other},
			"WINDLASS_ID_TOKEN", "",
		},
		"nowhere": {job.Ask{}, nil, nil, "", "--token-file"},
		"no token": {
			job.Ask{Env: "MINE"},
			map[string]string{"MINE": "hunter2"},
			nil, "",
			"isn't an ID token",
		},
		"two parts":     {job.Ask{Env: "MINE"}, map[string]string{"MINE": "YQ.YQ"}, nil, "", "isn't an ID token"},
		"an empty part": {job.Ask{Env: "MINE"}, map[string]string{"MINE": "YQ..YQ"}, nil, "", "isn't an ID token"},
		"very long": {
			job.Ask{Env: "MINE"},
			map[string]string{"MINE": "YQ.YQ." + strings.Repeat("a", 16<<10)},
			nil, "", "isn't an ID token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tokens(c.env, c.programs).Token(t.Context(), c.ask)
			if c.fault != "" {
				said := problem.From(err)
				if err == nil || !strings.Contains(said.Message+said.Hint, c.fault) {
					t.Fatalf("got %v (%s); want %q", err, said.Hint, c.fault)
				}
				if strings.Contains(said.Message+said.Hint, "hunter2") {
					t.Error("the error has the token")
				}
				return
			}
			if err != nil || got.Text.Reveal() != jwt || got.Origin != c.origin {
				t.Errorf("got %q of %s: %v", got.Text.Reveal(), got.Origin, err)
			}
		})
	}
}

func TestTokenOfGitHub(t *testing.T) {
	t.Parallel()
	runner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer ask" || r.URL.Query().Get("api-version") != "2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Query().Get("audience") != "https://windlass.example.com" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte(`{"value":"` + jwt + `","count":1}`))
	}))
	t.Cleanup(runner.Close)
	env := map[string]string{
		"ACTIONS_ID_TOKEN_REQUEST_URL":   runner.URL + "/token?api-version=2",
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "ask",
	}
	got, err := tokens(env, nil).Token(t.Context(), job.Ask{CI: job.GitHub, Audience: "https://windlass.example.com"})
	if err != nil || got.Text.Reveal() != jwt {
		t.Errorf("got %q: %v", got.Text.Reveal(), err)
	}
	env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "another"
	_, err = tokens(env, nil).Token(t.Context(), job.Ask{CI: job.GitHub, Audience: "x"})
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "another") {
		t.Errorf("got %v", err)
	}
}
