package ci_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/sandboxtest"
)

// issuers serves every issuer, with one key. The sandbox reaches them
// through its HTTP client.
type issuers struct{ key *rsa.PrivateKey }

func newIssuers(t *testing.T) *issuers {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &issuers{key}
}

// RoundTrip returns discovery documents and key sets.
func (i *issuers) RoundTrip(r *http.Request) (*http.Response, error) {
	issuer := strings.TrimSuffix(r.URL.String(), "/.well-known/openid-configuration")
	document := map[string]any{"issuer": issuer, "jwks_uri": issuer + "/keys"}
	if strings.HasSuffix(r.URL.Path, "/keys") {
		b64 := base64.RawURLEncoding.EncodeToString
		document = map[string]any{"keys": []any{
			map[string]any{
				"kty": "RSA", "use": "sig", "kid": "1", "alg": "RS256", "n": b64(i.key.N.Bytes()),
				"e": b64(big.NewInt(int64(i.key.E)).Bytes()),
			},
		}}
	}
	text, err := json.Marshal(document)
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(text)), Request: r,
	}, err
}

func (i *issuers) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]string{"alg": "RS256", "kid": "1", "typ": "JWT"}) + "." + part(all)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// The role created by each CI's documents accepts the right job, and no other.
func TestRolesLetTheRightJobIn(t *testing.T) {
	t.Parallel()
	const (
		evil   = "1a2b3c4d-0000-4000-8000-00000000dead"
		circle = "org/" + org + "/project/" + project + "/user/" + user +
			"/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main"
		commit = "0123456789abcdef0123456789abcdef01234567"
	)
	world := newIssuers(t)
	server := sandboxtest.Start(t, func(c *sandbox.Config) { c.Client = &http.Client{Transport: world} })
	type claims = map[string]any
	for kind, c := range map[provider.Kind]struct {
		issuer string
		good   claims
		bad    map[string]claims // the claims in which a token differs
	}{
		provider.CircleCI: {
			"https://oidc.circleci.com/org/" + org,
			claims{"aud": org, "sub": circle},
			map[string]claims{
				"another project":      {"sub": strings.Replace(circle, project, evil, 1)},
				"another organization": {"sub": strings.Replace(circle, org, evil, 1)},
				"another branch":       {"sub": circle + "-2"},
				"a fork":               {"sub": strings.Replace(circle, "acme/app", "evil/app", 1)},
				"another user":         {"sub": strings.Replace(circle, user, evil, 1)},
				"a branch that mimics": {"sub": strings.Replace(circle, "github.com/acme/app/vcs-ref/refs/heads/main",
					"github.com/evil/app/vcs-ref/refs/heads/x/vcs-origin/github.com/acme/app/vcs-ref/refs/heads"+
						"/main", 1)},
				"another audience":      {"aud": "sts.amazonaws.com"},
				"another issuer's word": {"iss": "https://oidc.circleci.com/org/" + evil},
				"the shared issuer":     {"iss": "https://oidc.circleci.com"},
			},
		},
		provider.GitHub: {
			"https://token.actions.githubusercontent.com",
			claims{"aud": "sts.amazonaws.com", "sub": "repo:acme/app:ref:refs/heads/main", "repository_id": "42"},
			map[string]claims{
				"another owner":       {"sub": "repo:evil/app:ref:refs/heads/main"},
				"another repository":  {"sub": "repo:acme/app2:ref:refs/heads/main"},
				"another branch":      {"sub": "repo:acme/app:ref:refs/heads/dev"},
				"a pull request":      {"sub": "repo:acme/app:pull_request"},
				"an environment":      {"sub": "repo:acme/app:environment:prod"},
				"a name taken over":   {"repository_id": "43"},
				"no number":           {"repository_id": nil},
				"IDs of another":      {"sub": "repo:acme@8/app@42:ref:refs/heads/main"},
				"another audience":    {"aud": "https://github.com/acme"},
				"an enterprise's own": {"iss": "https://token.actions.githubusercontent.com/evil"},
			},
		},
		provider.GitLab: {
			"https://gitlab.com",
			claims{"aud": "sts.amazonaws.com", "sub": "project_path:acme/team/app:ref_type:branch:ref:main"},
			map[string]claims{
				"another project":  {"sub": "project_path:acme/team/app2:ref_type:branch:ref:main"},
				"another group":    {"sub": "project_path:evil/team/app:ref_type:branch:ref:main"},
				"a tag":            {"sub": "project_path:acme/team/app:ref_type:tag:ref:main"},
				"another branch":   {"sub": "project_path:acme/team/app:ref_type:branch:ref:main2"},
				"another audience": {"aud": "https://gitlab.com"},
			},
		},
		provider.Buildkite: {
			"https://agent.buildkite.com",
			claims{
				"aud": "sts.amazonaws.com",
				"sub": "organization:acme:pipeline:app:ref:refs/heads/main:commit:" + commit + ":step:build",
			},
			map[string]claims{
				"another organization": {"sub": "organization:evil:pipeline:app:ref:refs/heads/main:commit:" + commit +
					":step:build"},
				"another pipeline": {"sub": "organization:acme:pipeline:app2:ref:refs/heads/main:commit:" + commit +
					":step:build"},
				"another branch": {"sub": "organization:acme:pipeline:app:ref:refs/heads/main2:commit:" + commit +
					":step:build"},
				"a branch that mimics": {"sub": "organization:acme:pipeline:app:ref:refs/heads/x:ref:refs/heads" +
					"/main:commit:" + commit + ":step:build"},
				"another audience": {"aud": "https://buildkite.com/acme"},
			},
		},
		provider.Terraform: {
			"https://app.terraform.io",
			claims{"aud": "aws.workload.identity", "sub": "organization:acme:project:Data " +
				"Platform:workspace:prod:run_phase:apply"},
			map[string]claims{
				"another organization": {"sub": "organization:evil:project:Data " +
					"Platform:workspace:prod:run_phase:apply"},
				"another project":   {"sub": "organization:acme:project:Other:workspace:prod:run_phase:apply"},
				"another workspace": {"sub": "organization:acme:project:Data Platform:workspace:prod2:run_phase:apply"},
				"another audience":  {"aud": "terraform"},
			},
		},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			o := order(kind, ci.Direct)
			o.Account = server.Customer.ID
			guide := write(t, o)
			_, err := server.IAM(server.Customer.Keys).
				CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
					Url: aws.String(c.issuer), ClientIDList: []string{c.good["aud"].(string)},
				})
			if err != nil {
				t.Fatal(err)
			}
			role := server.MustRole(t, server.Customer, "ci-"+string(kind), find(t, guide, "trust-policy.json"),
				find(t, guide, "permission-policy.json"))
			enters := func(change claims) error {
				token := claims{"iss": c.issuer}
				maps.Copy(token, c.good)
				for claim, value := range change {
					token[claim] = value
					if value == nil {
						delete(token, claim)
					}
				}
				_, err := server.STS(aws.Credentials{}).
					AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
						RoleArn: &role, RoleSessionName: aws.String("job"),
						WebIdentityToken: aws.String(world.sign(t, token)),
					})
				return err
			}
			if err := enters(nil); err != nil {
				t.Errorf("the right job is kept out: %v", err)
			}
			for name, change := range c.bad {
				if err := enters(change); err == nil {
					t.Errorf("%s gets in", name)
				}
			}
		})
	}
}
