package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/e2e/browsertest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
)

// vending creates a verified integration that grants may use.
func (r *rig) vending(t *testing.T) client.Integration {
	t.Helper()
	api, err := client.New(client.Config{URL: r.URL, Token: r.Token, Workspace: "harbour"})
	if err != nil {
		t.Fatal(err)
	}
	r.Customer.Fill("harbour-exports", map[string]string{"ci/a.csv": "a\n1\n", "private/b.csv": "b\n"})
	made, err := api.CreateIntegration(t.Context(), client.IntegrationSpec{
		Name: "exports", RoleARN: r.Customer.CreateRole("windlass-ci"),
		Locations: []client.Location{{Bucket: "harbour-exports", Prefix: "ci/"}}, Vending: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Customer.PutPolicy("windlass-ci", string(made.Setup.PermissionPolicy))
	r.Customer.EditTrust("windlass-ci", string(made.Setup.TrustPolicy))
	run, err := api.Verify(t.Context(), made.ID, true)
	if err != nil || run.State != "verified" {
		t.Fatalf("the integration is %s: %v\n%+v", run.State, err, run.Checks)
	}
	return made
}

// An issuer is added, a grant is made for its jobs, a token is explained and
// exchanged, and the grant is revoked: on the console's pages, without a
// script.
func TestCIAccessWithoutScript(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.vending(t)
	issuer := vendingtest.StartIssuer(t)
	p := newPlain(t, r.URL)
	p.signIn(r)

	status, _, page := p.get("/ci")
	p.expect(status, page, http.StatusOK, "Strongest", "Weakest", "Still missing")
	status, _, page = p.get("/ci?way=direct&ci=github&bucket=harbour-exports&account=222222222222&project=acme/app&project_id=74&organization_id=65&ref=refs/heads/main")
	p.expect(status, page, http.StatusOK, "token.actions.githubusercontent.com", ".github/workflows")
	status, _, page = p.get("/ci?way=user&ci=circleci&bucket=harbour-exports&prefix=ci/")
	p.expect(status, page, http.StatusOK, "aws iam create-access-key")
	status, _, page = p.get("/ci?ci=circleci&integration=exports&bucket=harbour-exports&prefix=ci/*&organization_id=x")
	p.expect(status, page, http.StatusOK, "has the wrong format")

	status, _, page = p.post("/ci/access", url.Values{"kind": {"circleci"}, "organization": {"acme"}})
	p.expect(status, page, http.StatusUnprocessableEntity, "organization")
	status, _, page = p.post("/ci/access", url.Values{
		"kind": {"gitlab"}, "issuer": {issuer.URL},
		"jwks_url": {issuer.JWKSURL}, "audience": {vendingtest.Audience},
	})
	p.expect(status, page, http.StatusOK, "Provider added", issuer.URL, "No grants yet")
	provider := regexp.MustCompile(`/ci/revoke/provider/(prv_[a-z0-9]+)`).FindStringSubmatch(page)[1]

	grant := url.Values{
		"name": {"app"}, "provider": {provider}, "integration": {"exports"}, "prefixes": {"ci/"},
		"actions": {"list", "read"}, "minutes": {"30"}, "exchanges": {"1"},
	}
	status, _, page = p.post("/ci/grants/new", grant)
	p.expect(status, page, http.StatusUnprocessableEntity, `data-focus`, "project_id")
	grant.Set("conditions", "project_id")
	status, _, page = p.post("/ci/grants/new", grant)
	p.expect(status, page, http.StatusUnprocessableEntity, "of the form claim=value")
	grant.Set("conditions", "project_id=20\r\nnamespace_id=72")
	status, _, page = p.post("/ci/grants/new", grant)
	p.expect(status, page, http.StatusOK, "Grant added", "project_id=20", "s3://harbour-exports/ci/")

	token := issuer.Sign(t, vendingtest.GitLab(time.Now()).With(vendingtest.Claims{"iss": issuer.URL}))
	status, _, page = p.post("/ci/explain", url.Values{"token": {token}})
	p.expect(status, page, http.StatusOK, "It would get credentials", "Session policy", "project_path:acme/app")
	if strings.Contains(page, token) {
		t.Error("the page shows the token")
	}
	status, _, page = p.post("/ci/explain", url.Values{"token": {"eyJ.x.y"}})
	p.expect(status, page, http.StatusOK, "It would be refused")

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.URL+"/v1/ci/credentials",
		strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the exchange is answered %s", answer.Status)
	}
	status, _, page = p.get("/ci/access")
	p.expect(status, page, http.StatusOK, "Last exchanges", "Done", "127.0.0.1")

	id := regexp.MustCompile(`/ci/revoke/grant/(grt_[a-z0-9]+)`).FindStringSubmatch(page)[1]

	status, _, page = p.get("/reach?location=s3://harbour-exports/ci/")
	p.expect(status, page, http.StatusOK, "the integration exports", "the grant app", "2 ways are open")
	status, _, page = p.get("/reach?location=s3://harbour-exports/private/")
	p.expect(status, page, http.StatusOK, "Nobody can reach it")
	status, _, page = p.get("/reach?member=ada@example.com")
	p.expect(status, page, http.StatusOK, "ada@example.com")
	for _, query := range []string{
		"?location=harbour-exports", "?location=s3://harbour-exports/*",
		"?member=nobody@example.com",
	} {
		status, _, page = p.get("/reach" + query)
		p.expect(status, page, http.StatusUnprocessableEntity, "data-focus")
	}

	status, _, page = p.get("/ci/revoke/grant/" + id)
	p.expect(status, page, http.StatusOK, "Revoke the grant app?")
	status, _, page = p.post("/ci/revoke/grant/"+id, url.Values{"confirm": {"app"}})
	p.expect(status, page, http.StatusOK, "app is revoked", "aws iam put-role-policy", "aws:TokenIssueTime")
	status, _, page = p.get("/ci/access")
	p.expect(status, page, http.StatusOK, "No grants yet")
	for _, path := range []string{"/ci/revoke/grant/grt_none", "/ci/revoke/house/x"} {
		status, _, page = p.get(path)
		p.expect(status, page, http.StatusNotFound)
	}
}

// TestCIAccess checks that the documents follow the typed values and the
// selected way.
func TestCIAccess(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Phone, "dark"}, {keyboard, browsertest.Desktop, "light"}},
		func(t *testing.T, r *rig, s *sitting) {
			s.signIn(r)
			s.visit("/ci")
			s.See("Still missing")
			s.look("ci-empty")
			s.take("way", "user")
			s.enter("#bucket", "harbour-exports")
			s.enter("#prefix", "ci/")
			s.See("create-access-key")
			s.take("ci", "gitlab")
			s.See("GitLab")
			s.See("create-access-key")
			s.look("ci-user")
			for _, what := range s.Forbidden() {
				t.Errorf("the page was kept from %s", what)
			}
			s.press(`a[href="/ci/access"]`)
			s.See("No grants yet")
			s.enter("#organization", "6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21")
			s.press(`form[action="/ci/access"] > button`)
			s.See("Provider added")
			s.look("ci-access")
			s.press(`main nav a[href="/reach"]`)
			s.enter("#location", "s3://harbour-exports/")
			s.press(`button[aria-label="Ask who can reach it"]`)
			s.See("Nobody can reach it")
			s.look("ci-reach")
			s.Open(r.URL + "/ci/access")
			s.press(`main a[href="/ci/grants/new"]`)
			s.See("Claims in its tokens")
			s.look("ci-grant")
		})
}

// take presses a button of a group.
func (s *sitting) take(name, value string) {
	s.t.Helper()
	s.press(fmt.Sprintf(`button[name=%q][value=%q]`, name, value))
}
