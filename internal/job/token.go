package job

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// maxToken is the longest ID token, in bytes.
const maxToken = 16 << 10

// Variable is the environment variable that an ID token is read from in any CI,
// and that GitLab's id_tokens are to be named after.
const Variable = "WINDLASS_ID_TOKEN"

// Tokens gets ID tokens. Every field is required.
type Tokens struct {
	Getenv   func(string) string
	ReadFile func(name string) ([]byte, error)
	// Run runs a program of the CI and returns its output.
	Run  func(ctx context.Context, name string, args ...string) ([]byte, error)
	HTTP *http.Client
}

// Ask describes the requested token.
type Ask struct {
	CI       CI
	File     string // read it from this file; takes precedence over everything else
	Env      string // read it from this variable; takes precedence over the CI's own way
	Audience string // empty: the CI's default
}

// Token is an ID token and where it came from.
type Token struct {
	Text   secret.String
	Origin string // "CIRCLE_OIDC_TOKEN_V2", "buildkite-agent oidc request-token"
}

// Token returns the job's ID token. If it can't, the error is a problem with
// code invalid that says what to change in the CI's configuration.
func (t Tokens) Token(ctx context.Context, ask Ask) (Token, error) {
	found, err := t.find(ctx, ask)
	if err != nil {
		return Token{}, err
	}
	text := strings.TrimSpace(found.Text.Reveal())
	if !compact(text) {
		return Token{}, problem.New(problem.Invalid,
			"The value of %s isn't an ID token, which is a JWT with three parts.", found.Origin)
	}
	return Token{secret.New(text), found.Origin}, nil
}

func (t Tokens) find(ctx context.Context, ask Ask) (Token, error) {
	switch {
	case ask.File != "":
		text, err := t.ReadFile(ask.File)
		if err != nil {
			return Token{}, problem.New(problem.Invalid, "The ID token cannot be read from a file: %w.", err)
		}
		return Token{secret.New(string(text)), ask.File}, nil
	case ask.Env != "":
		return t.variable("Set the variable, or use another one with --token-env.", ask.Env)
	case t.Getenv(Variable) != "":
		return t.variable("", Variable)
	}
	switch ask.CI {
	case CircleCI:
		return t.circleCI(ctx, ask)
	case GitHub:
		return t.gitHub(ctx, ask)
	case Buildkite:
		return t.buildkite(ctx, ask)
	case GitLab:
		return t.variable("Add an ID token to the job in .gitlab-ci.yml: id_tokens: {"+Variable+": {aud: "+
			"…}}.", Variable)
	case Terraform:
		return t.variable("Set the workspace's environment variable TFC_WORKLOAD_IDENTITY_AUDIENCE_WINDLASS to the provider's audience.",
			"TFC_WORKLOAD_IDENTITY_TOKEN_WINDLASS", "TFC_WORKLOAD_IDENTITY_TOKEN")
	default:
		return Token{}, problem.New(problem.Invalid,
			"Windlass doesn't recognize this CI, so it can't find the ID token.").
			WithHint("Use --token-file or --token-env, or set %s.", Variable)
	}
}

// variable returns the first of these variables that is set.
func (t Tokens) variable(hint string, names ...string) (Token, error) {
	for _, name := range names {
		if text := t.Getenv(name); text != "" {
			return Token{secret.New(text), name}, nil
		}
	}
	return Token{}, problem.New(problem.Invalid, "%s is not set: the job has no ID token.",
		strings.Join(names, " or ")).WithHint("%s", hint)
}

// circleCI requests a new token for this call, because a token can only be exchanged
// once. It falls back to the one that every job has, unless that has another
// audience. See
// https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/.
func (t Tokens) circleCI(ctx context.Context, ask Ask) (Token, error) {
	args := []string{"run", "oidc", "get"}
	if ask.Audience != "" {
		claims, _ := json.Marshal(map[string]string{"aud": ask.Audience}) // a map of strings always encodes
		args = append(args, "--claims", string(claims))
	}
	found, err := t.run(ctx, "circleci", args...)
	if err == nil || ask.Audience != "" {
		return found, err
	}
	return t.variable("CircleCI sets it in every job, except those of forks. Outside a job, use --token-file.",
		"CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN")
}

func (t Tokens) buildkite(ctx context.Context, ask Ask) (Token, error) {
	args := []string{"oidc", "request-token", "--claim", "organization_id,pipeline_id"} // grants name the job by IDs
	if ask.Audience != "" {
		args = append(args, "--audience", ask.Audience)
	}
	return t.run(ctx, "buildkite-agent", args...)
}

func (t Tokens) run(ctx context.Context, name string, args ...string) (Token, error) {
	text, err := t.Run(ctx, name, args...)
	if err != nil {
		return Token{}, problem.New(problem.Invalid, "%s %s gave no ID token: %w.", name, strings.Join(args, " "), err).
			WithHint("Check that %s is on the PATH of this step, or use --token-file or --token-env.",
				name)
	}
	command, _, _ := strings.Cut(strings.Join(args, " "), " --")
	return Token{secret.New(string(text)), name + " " + command}, nil
}

// gitHub requests a token from the runner. See
// https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token.
func (t Tokens) gitHub(ctx context.Context, ask Ask) (Token, error) {
	address, bearer := t.Getenv("ACTIONS_ID_TOKEN_REQUEST_URL"), t.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	if address == "" || bearer == "" {
		return Token{}, problem.New(problem.Invalid, "The job isn't allowed to request an ID token from GitHub.").
			WithHint("Give the job \"permissions: {id-token: write, contents: read}\". Pull requests from forks never get one.")
	}
	request, err := gitHubRequest(ctx, address, bearer, ask.Audience)
	if err != nil {
		return Token{}, err
	}
	response, err := t.HTTP.Do(request)
	if err != nil {
		return Token{}, problem.New(problem.Unavailable, "GitHub's runner doesn't respond to the request for an ID "+
			"token.").
			WithHint("Run the job again.")
	}
	defer response.Body.Close()
	var answer struct {
		Value string `json:"value"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 4*maxToken)).Decode(&answer); err != nil ||
		response.StatusCode != http.StatusOK {
		return Token{}, problem.New(problem.Unavailable, "GitHub's runner responded to the request for an ID token "+
			"with %s.",
			response.Status).WithHint("Run the job again.")
	}
	return Token{secret.New(answer.Value), "ACTIONS_ID_TOKEN_REQUEST_URL"}, nil
}

func gitHubRequest(ctx context.Context, address, bearer, audience string) (*http.Request, error) {
	target, err := SecureURL(address)
	if err != nil {
		return nil, fmt.Errorf("ACTIONS_ID_TOKEN_REQUEST_URL: %w", err)
	}
	if audience != "" {
		query := target.Query()
		query.Set("audience", audience)
		target.RawQuery = query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, problem.New(problem.Invalid, "ACTIONS_ID_TOKEN_REQUEST_URL isn't an address.")
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Accept", "application/json; api-version=2.0")
	return request, nil
}

// compact reports whether a text has the form of a JWT: three parts of base64url.
func compact(text string) bool {
	parts := strings.Split(text, ".")
	if len(text) > maxToken || len(parts) != 3 {
		return false
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
