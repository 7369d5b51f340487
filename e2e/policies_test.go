package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// paper returns the text in the policy editor.
func (s *sitting) paper() string {
	s.t.Helper()
	return browsertest.Evaluate[string](s.Page, `document.querySelector("#document").value`)
}

// underlined is the text that the editor has underlined for a severity.
func (s *sitting) underlined(severity string) string {
	s.t.Helper()
	return browsertest.Evaluate[string](s.Page, `[...document.querySelector(".paper-editor").shadowRoot.querySelectorAll(".found-`+severity+`")].map(e => e.textContent).join(" ")`)
}

// reach puts the focus on a field without selecting its content.
func (s *sitting) reach(selector string) {
	s.t.Helper()
	if s.keyboard {
		s.TabTo(selector)
	} else {
		s.Click(selector)
	}
}

// TestPolicies checks a policy while it is typed, tests a request, applies a
// correction and undoes it; at both sizes, with the mouse and with the
// keyboard.
func TestPolicies(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Desktop, "light"}, {keyboard, browsertest.Phone, "dark"}},
		func(t *testing.T, r *rig, s *sitting) {
			s.signIn(r)
			s.visit("/policies")
			s.See("1 finding")
			s.See("Implicitly denied")
			s.Until("the finding is underlined", `document.querySelector(".paper-editor").shadowRoot.querySelector(".found-error")`)
			if got := s.underlined("error"); got != `"s3:GetBucketLocation"` {
				t.Errorf("underlined is %s", got)
			}
			was := s.paper()
			s.press(`#findings button[name="take"][value="all"]`)
			s.See("No findings")
			s.See("Allowed.")
			s.look("policies-corrected")
			s.Chord("z")
			s.See("1 finding")
			if s.paper() != was {
				t.Errorf("taken back, the document is %s", s.paper())
			}
			s.press(`#findings [data-go-line="19"]`)
			s.Press("//")
			s.See("findings")
			s.Chord("a")
			s.Press(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)
			s.Until("the statement that settled it is marked",
				`document.querySelector(".paper-editor").shadowRoot.querySelector(".settles-good")`)
			s.enter("#action", "s3:NoSuch*")
			s.See("Enter one action")
			for _, what := range s.Forbidden() {
				t.Errorf("the page was kept from %s", what)
			}
			s.press(`a[href="/policies/least"]`)
			s.reach("#locations")
			s.Chord("a")
			s.Press("s3://acme-data/daily")
			s.See("acme-data/daily/")
			s.look("policies-least")
			s.press("#least form button")
			s.See("No findings")
			s.See("Allowed.")
		})
}

func TestPoliciesWithoutScript(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := newPlain(t, r.URL)
	p.signIn(r)
	for kind, text := range map[string]string{
		"identity": "s3:GetBucketLocation", "resource": "PartnerReadsReports", "trust": "&lt;external id&gt;",
		"session": "reports/2026", "boundary": "NotTheArchive",
	} {
		status, _, page := p.get("/policies?kind=" + kind)
		p.expect(status, page, http.StatusOK, text, `value="`+kind+`" checked`)
	}
	status, _, page := p.get("/policies?kind=banana")
	p.expect(status, page, http.StatusNotFound, "Unknown kind of policy")
	form := url.Values{
		"kind": {"trust"}, "document": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`},
		"principal": {"arn:aws:iam::111122223333:user/ada"}, "action": {"sts:AssumeRole"},
		"resource": {"arn:aws:iam::222222222222:role/reader"},
	}
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusOK, "trust-missing-external-id", "Allowed.", "TakenForGranted")
	form.Set("caller", "nothing")
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusOK, "Implicitly denied")
	form = url.Values{"kind": {"identity"}, "document": {"// note\r\n{\"Version\":\"2012-10-17\",\r\n\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}"}}
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusOK, "JSON has no comments", "Line 1")
	form.Set("take", "0")
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusOK, "No findings")
	form.Set("document", strings.Repeat(" ", 65<<10))
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusUnprocessableEntity, "can’t be a policy")
	form.Set("document", strings.Repeat("[", 300<<10))
	status, _, page = p.post("/policies", form)
	p.expect(status, page, http.StatusRequestEntityTooLarge, "The form has more than 256 KiB.")
	for query, text := range map[string]string{
		"":                                  "acme-data/reports/*",
		"?locations=s3://b-1/x/&as=session": "of 2,048 characters",
		"?locations=s3://b-1/x/&format=terraform":                                       "aws_iam_policy",
		"?locations=s3://b-1/x/&as=bucket&principal=arn:aws:iam::111122223333:role/app": "arn:aws:iam::111122223333:role/app",
		"?locations=s3://b-1/x/&access=write&versions=true":                             "s3:PutObject",
	} {
		status, _, page := p.get("/policies/least" + query)
		p.expect(status, page, http.StatusOK, text)
	}
	for query, text := range map[string]string{
		"?locations=s3://b-1/*":              "prefix",
		"?locations=b-1":                     "s3://",
		"?locations=s3://b-1/&as=bucket":     "needs a principal",
		"?locations=s3://b-1/&as=x":          "Unknown kind",
		"?locations=s3://b-1/&format=x":      "Unknown format",
		"?locations=s3://b-1/&access=delete": "access",
	} {
		status, _, page := p.get("/policies/least" + query)
		p.expect(status, page, http.StatusUnprocessableEntity, text)
	}
}
