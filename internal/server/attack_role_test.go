package server_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/testkit/racing"
)

// described is an operation of the OpenAPI document.
type described struct {
	method, path string
	hasBody      bool
}

// described returns the operations of the OpenAPI document that the service
// serves, by their ID.
func (o *outside) described(t *testing.T) map[string]described {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `yaml:"operationId"`
			RequestBody any    `yaml:"requestBody"`
		}
	}
	got := o.ask(t, nil, http.MethodGet, "/v1/openapi.yaml", "", nil)
	if err := yaml.Unmarshal([]byte(got.text), &document); err != nil {
		t.Fatal(err)
	}
	operations := map[string]described{}
	for path, item := range document.Paths {
		for method, op := range item {
			if op.OperationID != "" {
				operations[op.OperationID] = described{strings.ToUpper(method), path, op.RequestBody != nil}
			}
		}
	}
	return operations
}

// withoutAction has the operations that need no action of the matrix.
var withoutAction = []string{
	"whoami", "revoke-whoami", "exchange-token", "start-login", "redeem-login",
	"exchange-login", "platform-openapi",
}

var parameters = regexp.MustCompile(`{(\w+)}`)

// aim is the path of an operation for a try: the owner, one of their tokens, the
// dataset that scopes name, and else things that don't exist.
func (o *outside) aim(path, tokenID string) string {
	return parameters.ReplaceAllStringFunc(path, func(name string) string {
		switch name {
		case "{ws}":
			return "main"
		case "{dataset}":
			return "prices"
		case "{member}":
			return "owner@localhost"
		case "{token}":
			return tokenID
		default:
			return "nothing"
		}
	})
}

// TestAttackEveryRouteEveryRole tries every operation of the OpenAPI document
// with every token that a member of each role can make, and compares the
// refusals with the matrix: anything that the matrix doesn't allow must be
// refused before the body is read.
func TestAttackEveryRouteEveryRole(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{"address_concurrency": "64"})
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token,
		`{"name":"prices","columns":[{"name":"k","type":"string","required":true,"allow_null":false}],"index":{"key":"k"}}`)
	owner := o.session(t, o.signIn(t, o.link))
	operations := o.described(t)
	var whoami struct{ Token string }
	o.must(t, &whoami, http.MethodGet, "/v1/whoami", o.token, "")
	tried, refused := 0, 0
	for _, role := range access.Roles() {
		c := o.enlist(t, owner, role)
		for name, token := range c.tokens {
			actor := actorOf(c, name)
			for id, op := range operations {
				actions, judged := api.Needs(id)
				if !judged {
					if !slices.Contains(withoutAction, id) {
						t.Errorf("the operation %s names no action", id)
					}
					continue
				}
				if slices.ContainsFunc(actions, func(a access.Action) bool { return allowed(actor, a, op.path) }) {
					continue
				}
				if racing.Enabled && rand.IntN(5) > 0 { // another part each time; without the detector, all
					continue
				}
				got := o.announce(t, op, o.aim(op.path, whoami.Token), token)
				tried++
				if got.status == http.StatusForbidden {
					refused++
					continue
				}
				t.Errorf("%s (%s) with the token %s: %d, and the matrix refuses %v: %.200s", id, role, name, got.status,
					actions, got.text)
			}
		}
	}
	if tried < 1000 && !racing.Enabled {
		t.Errorf("only %d tries of %d operations", tried, len(operations))
	}
	t.Logf("%d tries, %d refused", tried, refused)
}

// actorOf returns the matrix's actor for a token.
func actorOf(c *crew, name string) access.Actor {
	actor := access.Actor{
		Kind: access.Member, ID: c.id, Member: c.id, Workspace: "main", Role: c.role,
		Operator: c.role == access.Owner, Token: "tok_1",
	}
	kind, scope, _ := strings.Cut(name, " ")
	switch kind {
	case "session":
		actor.Token, actor.Fresh = "", true // the person just signed in
		return actor
	case "publishable":
		scope = "read"
	case "writable":
		actor.Scopes = []access.Scope{{Action: access.DataWrite, Dataset: "prices"}}
	}
	actor.Kind = map[string]access.Kind{
		"secret": access.Secret, "personal": access.Personal, "publishable": access.Publishable,
		"writable": access.Publishable,
	}[kind]
	if scope != "" {
		parsed, err := access.ParseScope(scope)
		if err != nil {
			panic(fmt.Sprint("the test has an unknown scope: ", err))
		}
		actor.Scopes = []access.Scope{parsed}
	}
	return actor
}

// allowed reports whether the matrix allows an action to the target of
// [outside.aim].
func allowed(actor access.Actor, action access.Action, path string) bool {
	switch {
	case strings.Contains(path, "{member}"):
		return access.Allowed(actor, action, access.Resource{
			Workspace: "main", Kind: "member", ID: "mem_owner",
			Role: access.Owner,
		})
	case strings.Contains(path, "{token}"):
		return access.Allowed(actor, action, access.Resource{
			Workspace: "main", Kind: "token", ID: "tok_owner",
			Maker: "mem_owner", Role: access.Owner,
		})
	case strings.Contains(path, "{dataset}"):
		return access.Allowed(actor, action, access.Resource{Workspace: "main", Kind: "dataset", ID: "prices"})
	case strings.HasPrefix(path, "/v1/nodes") || path == "/v1/security" || path == "/v1/security/verification":
		return access.Allowed(actor, action, access.Resource{Kind: access.KindInstance})
	default:
		return access.Possible(actor, action)
	}
}

// announce sends a request without the body that it announces. If the service
// asks for the body, the test fails.
func (o *outside) announce(t *testing.T, op described, path, token string) answer {
	t.Helper()
	if !op.hasBody {
		return o.call(t, op.method, path, token, "{}")
	}
	body := &unread{}
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(t.Context(), op.method, o.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 100
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue")
	response, err := client.Do(request)
	if err != nil {
		t.Errorf("%s %s wants the body: %v", op.method, path, err)
		return answer{}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// unread is a body that is never there.
type unread struct{}

func (*unread) Read([]byte) (int, error) { return 0, errors.New("the service reads the body") }
