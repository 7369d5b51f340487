package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestSandboxPage checks that calls to the sandbox appear automatically, open
// into their explanation, can be filtered, and fail while a fault is active.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Desktop, "dark"}, {keyboard, browsertest.Phone, "light"}},
		func(t *testing.T, r *rig, s *sitting) {
			s.signIn(r)
			s.visit("/sandbox")
			s.See("iam:CreateUser")
			r.Customer.Fill("harbour-exports", map[string]string{"a.csv": "a\n1\n"})
			s.See("s3:PutObject") // without a reload
			s.press(`#call-rows > li:first-child summary`)
			s.See("without a policy")
			s.look("sandbox")
			for _, what := range s.Forbidden() {
				t.Errorf("the page was kept from %s", what)
			}
			s.press(`form[action="/sandbox/faults"] button`)
			s.See("Fault active")
			s.See("hit 0 calls")
			s.press(`form[action$="/remove"] button`)
			s.See("Fault removed")
			s.reach("#filter-principal")
			s.Press("nobody")
			s.See("No call matches")
			s.look("sandbox-none-match")
		})
}

func TestSandboxPageWithoutScript(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := newPlain(t, r.URL)
	p.signIn(r)
	status, _, page := p.get("/sandbox?service=iam")
	p.expect(status, page, http.StatusOK, "iam:CreateUser", "/sandbox/calls/1", "Allowed")
	if strings.Contains(content(page), "s3:") {
		t.Error("the filter lets calls of another service through")
	}
	status, _, page = p.get("/sandbox?effect=denied")
	p.expect(status, page, http.StatusOK, "No call matches")
	status, _, page = p.get("/sandbox/calls/1")
	p.expect(status, page, http.StatusOK, "iam:CreateUser", "Request ID", "aws:PrincipalArn")
	for _, path := range []string{"/sandbox/calls/999999", "/sandbox/calls/x", "/sandbox/calls/-1"} {
		status, _, page = p.get(path)
		p.expect(status, page, http.StatusNotFound)
	}
	for _, form := range []url.Values{
		{"kind": {"earthquake"}},
		{"kind": {"slow"}, "count": {"0"}},
		{"kind": {"slow"}, "minutes": {"x"}},
	} {
		status, _, page = p.post("/sandbox/faults", form)
		p.expect(status, page, http.StatusUnprocessableEntity, "data-focus")
	}
	status, _, page = p.post("/sandbox/faults", url.Values{
		"kind": {"throttle"}, "service": {"s3"}, "count": {"1"},
		"minutes": {"10"}, "action": {"GetObject"},
	})
	p.expect(status, page, http.StatusOK, "Fault active", "S3 · GetObject · 1 call at most · until")
	status, _, page = p.get("/audit?action=sandbox.")
	p.expect(status, page, http.StatusOK, "sandbox.break", "sandbox.read")
	status, _, page = p.post("/sandbox/faults", url.Values{"kind": {"slow"}}, "Sec-Fetch-Site", "cross-site")
	p.expect(status, page, http.StatusForbidden)
}
