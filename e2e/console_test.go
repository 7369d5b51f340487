package e2e

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/audit"
)

// plain is a browser without JavaScript: it follows links and sends forms.
type plain struct {
	t      *testing.T
	client *http.Client
	base   string
}

func newPlain(t *testing.T, base string) *plain {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &plain{t: t, client: &http.Client{Jar: jar}, base: base}
}

// get reads a page; post sends a form. Both return the status, the final
// address, and the page.
func (p *plain) get(address string) (int, string, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.base+address, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(request)
}

func (p *plain) post(address string, form url.Values, header ...string) (int, string, string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+address,
		strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for n := 0; n+1 < len(header); n += 2 {
		request.Header.Set(header[n], header[n+1])
	}
	return p.do(request)
}

func (p *plain) do(request *http.Request) (int, string, string) {
	p.t.Helper()
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	// it is no page of the console's
	handedOut := strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment;")
	if csp := response.Header.Get("Content-Security-Policy"); !handedOut &&
		(!strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe")) {
		p.t.Errorf("%s: the Content-Security-Policy is %q", request.URL.Path, csp)
	}
	return response.StatusCode, response.Request.URL.Path, string(body)
}

// expect checks a response's status and texts in it.
func (p *plain) expect(status int, page string, want int, texts ...string) {
	p.t.Helper()
	if status != want {
		p.t.Fatalf("the status is %d, want %d; the page:\n%s", status, want, content(page))
	}
	for _, text := range texts {
		if !has(page, text) {
			p.t.Errorf("the page does not have %q:\n%s", text, content(page))
		}
	}
}

// has reports whether a page has a text, however its lines are broken.
func has(page, text string) bool {
	page = strings.ReplaceAll(page, "<wbr>", "") // an invisible place to break a line
	return strings.Contains(oneLine(page), oneLine(text))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// content returns a page without its shell.
func content(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	return main
}

// signIn uses the one-time link.
func (p *plain) signIn(r *rig) {
	p.t.Helper()
	link, err := url.Parse(r.SignIn)
	if err != nil {
		p.t.Fatal(err)
	}
	status, _, page := p.get(link.Path)
	p.expect(status, page, http.StatusOK, "It works once")
	status, _, page = p.post("/sign-in/link", url.Values{"token": {path.Base(link.Path)}})
	p.expect(status, page, http.StatusOK, "Get your data flowing")
}

// value returns the text of the element with an ID.
func value(t *testing.T, page, id string) string {
	t.Helper()
	m := regexp.MustCompile(`id="` + id + `"[^>]*>([^<]*(?:<wbr>[^<]*)*)<`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no %s:\n%s", id, page)
	}
	return strings.ReplaceAll(m[1], "<wbr>", "")
}

// TestConsoleWithoutScript checks that every form works without JavaScript,
// and that a refused form is shown again with the input.
func TestConsoleWithoutScript(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	role := r.Customer.CreateRole("windlass-reader")
	p := newPlain(t, r.URL)

	status, at, page := p.get("/sources/credentials")
	p.expect(status, page, http.StatusOK, "Sign in")
	if at != "/sign-in" {
		t.Errorf("a stranger is sent to %s", at)
	}
	p.signIn(r)

	form := url.Values{
		"order": {"role"}, "role_arn": {"arn:aws:iam::1:role/x"}, "name": {"Sales"},
		"bucket": {"harbour-exports"}, "prefix": {"../sales"}, "access": {"read"},
	}
	status, _, page = p.post("/sources/integrations/new", form)
	p.expect(status, page, http.StatusUnprocessableEntity, `value="Sales"`, `aria-invalid="true"`)
	form.Set("action", "add-location")
	status, _, page = p.post("/sources/integrations/new", form)
	p.expect(status, page, http.StatusOK, `id="bucket-1"`)
	form.Del("action")
	form.Set("role_arn", role)
	form.Set("prefix", "sales/")
	form.Set("external_id", strings.Repeat("0", 32))
	status, at, page = p.post("/sources/integrations/new", form)
	p.expect(status, page, http.StatusOK, "AWS integration created")
	if arn := value(t, page, "role-arn"); arn != role {
		t.Errorf("the Role ARN is %q, want %q", arn, role)
	}
	if id := value(t, page, "external-id"); len(id) != 32 || id == strings.Repeat("0", 32) {
		t.Errorf("the External ID is %q: it is Windlass that makes it", id)
	}
	integration := strings.TrimSuffix(at, "/added")
	status, _, page = p.get(integration + "?setup=console")
	p.expect(status, page, http.StatusOK, "Setup documents", "Edit trust policy")
	status, _, page = p.get(integration + "/setup/terraform")
	p.expect(status, page, http.StatusOK, "aws_iam_role")
	status, _, page = p.post(integration+"/edit", url.Values{
		"role_arn": {role}, "name": {"Sales exports"},
		"bucket": {"harbour-exports"}, "prefix": {"sales/"}, "access": {"readwrite"}, "session_seconds": {"7200"},
		"webhook_url": {"https://ops.example.com/hook"},
	})
	p.expect(status, page, http.StatusOK, "Saved", "Sales exports", "Read and write", "2 hours", "ops.example.com")
	status, _, page = p.post(integration+"/edit", url.Values{
		"role_arn": {role}, "name": {"Sales exports"},
		"webhook_url": {"nowhere"},
	})
	p.expect(status, page, http.StatusUnprocessableEntity, `value="nowhere"`, `id="webhook_url"`, "<details open>")

	status, _, page = p.post("/sources/credentials/new",
		url.Values{
			"name": {"key"}, "access_key_id": {"AKIAIOSFODNN7EXAMPLE"},
			"secret_access_key": {"not-to-be-shown-again"},
		})
	p.expect(status, page, http.StatusOK, "Access key saved")
	if has(page, "not-to-be-shown-again") {
		t.Error("the secret is shown again")
	}
	_, _, page = p.get(integration + "/remove")
	status, _, page = p.post(integration+"/remove", url.Values{"confirm": {confirmIn(page)}})
	p.expect(status, page, http.StatusOK, "AWS integration removed", "Create AWS integration")
	p.audited()
	status, _, page = p.post("/sign-out", nil)
	p.expect(status, page, http.StatusOK, "Sign in")
	status, at, _ = p.get("/audit")
	if status != http.StatusOK || at != "/sign-in" {
		t.Errorf("after signing out, /audit answers %d at %s", status, at)
	}
}

// audited reads the audit log, checks its chain and exports it.
func (p *plain) audited() {
	p.t.Helper()
	status, _, page := p.get("/audit?action=integration.&until=2020-01-01")
	p.expect(status, page, http.StatusOK, "No entry matches")
	status, _, page = p.get("/audit?action=integration.&since=2020-01-01")
	p.expect(status, page, http.StatusOK, "integration.create", "Request ID")
	status, _, page = p.post("/audit/verification", nil)
	p.expect(status, page, http.StatusOK, "The chain is intact")
	_, _, export := p.get("/audit/export")
	report, err := audit.VerifyExport(strings.NewReader(export), audit.Head{})
	if err != nil || report.Break != nil || report.Entries < 5 {
		p.t.Errorf("the export is found to be %+v, %v", report, err)
	}
}

// TestConsoleRefuses checks that the console refuses a request from another site, a
// request that names another workspace's resources, and a second use of the link.
func TestConsoleRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := newPlain(t, r.URL)
	p.signIn(r)

	status, _, page := p.post("/tokens/new", url.Values{"name": {"x"}, "kind": {"secret"}}, "Sec-Fetch-Site",
		"cross-site")
	p.expect(status, page, http.StatusForbidden, "another site", "Request ID")
	status, _, page = p.post("/tokens/new", url.Values{"name": {"x"}, "kind": {"secret"}}, "Origin",
		"https://evil.example")
	p.expect(status, page, http.StatusForbidden, "another site")
	status, _, page = p.get("/sources/integrations/int_06h0398vj3m3e8je23txzype2w")
	p.expect(status, page, http.StatusNotFound, "Request ID")
	status, _, page = p.get("/datasets/NONE")
	p.expect(status, page, http.StatusNotFound, "Request ID")
	status, _, page = p.get("/no/such/page")
	p.expect(status, page, http.StatusNotFound, "This page doesn&#39;t exist.")

	stranger := newPlain(t, r.URL)
	status, _, page = stranger.post("/sign-in/link", url.Values{"token": {path.Base(r.SignIn)}})
	stranger.expect(status, page, http.StatusUnprocessableEntity, "was used or has expired")
	status, _, page = stranger.post("/sign-in", url.Values{
		"workspace": {"harbour"}, "email": {"ada@example.com"},
		"password": {"wrong"}, "next": {"//evil.example"},
	})
	stranger.expect(status, page, http.StatusUnprocessableEntity, `value="ada@example.com"`, `name="next" value="/"`)
	for _, cookie := range p.client.Jar.Cookies(&url.URL{
		Scheme: "http", Host: strings.TrimPrefix(r.URL, "http://"),
		Path: "/",
	}) {
		if strings.Contains(page, cookie.Value) {
			t.Error("a session's token is on a page")
		}
	}
}

// An integration's later life, without JavaScript: documents that are pasted,
// a verification's report, a rotation, a removal and its undoing; and an access
// key that is proven.
func TestConsoleAfterTheFirstDay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	role := r.Customer.CreateRole("windlass-reader")
	p := newPlain(t, r.URL)
	p.signIn(r)
	_, at, page := p.post("/sources/integrations/new", url.Values{
		"order": {"role"}, "role_arn": {role},
		"name": {"Sales"}, "bucket": {"harbour-exports"}, "prefix": {"sales/"}, "access": {"read"},
	})
	integration, first := strings.TrimSuffix(at, "/added"), value(t, page, "external-id")

	status, _, page := p.get(integration + "/check")
	p.expect(status, page, http.StatusOK, "Check what I have", "It doesn’t call AWS")
	status, _, page = p.post(integration+"/check",
		url.Values{"trust": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`}})
	p.expect(status, page, http.StatusOK, "They let in callers that must be refused", "confused deputy",
		"Requests that were tested")
	status, _, page = p.post(integration+"/check", nil)
	p.expect(status, page, http.StatusUnprocessableEntity, "its permission policy, or both.")
	status, _, page = p.post(integration+"/check", url.Values{"permission": {"{}"}, "action": {"add-permission"}})
	p.expect(status, page, http.StatusOK, "Permission policy 2", "Bucket policy 1")
	const lists = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::harbour-exports","Condition":{"StringLike":{"s3:prefix":"sales/*"}}}]}`
	const gets = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::harbour-exports/sales/*"}]}`
	status, _, page = p.post(integration+"/check", url.Values{"permission": {lists, gets}})
	p.expect(status, page, http.StatusOK, "These documents fit")
	refuses := strings.Replace(gets, `"Allow",`, `"Deny","Principal":"*",`, 1)
	status, _, page = p.post(integration+"/check",
		url.Values{"permission": {lists, gets}, "bucket-policy-0": {refuses}})
	p.expect(status, page, http.StatusOK, "They don’t allow what Windlass needs", "Bucket policy, line 1")

	status, _, page = p.post(integration+"/edit", url.Values{
		"role_arn": {role}, "name": {"Sales"},
		"bucket": {"harbour-exports"}, "prefix": {"sales/2026/"}, "access": {"read"}, "vending": {"true"},
	})
	p.expect(status, page, http.StatusOK, "What to change on the role", "Trust policy: changes",
		"Permission policy: changes", "<dt>Vending</dt>")
	_, _, page = p.get(integration)
	if has(page, "What to change on the role") {
		t.Error("what an edit changed is shown twice")
	}

	status, _, page = p.post(integration+"/verifications", nil)
	p.expect(status, page, http.StatusOK, "Last verifications")
	run := regexp.MustCompile(`/verifications/(ver_[0-9a-z]+)/`).FindStringSubmatch(page)
	if run == nil {
		t.Fatalf("the page names no verification:\n%s", page)
	}
	status, _, page = p.get(integration + "/verifications/" + run[1] + "/report")
	p.expect(status, page, http.StatusOK, first)

	status, _, page = p.post(integration+"/rotation", url.Values{"step": {"start"}})
	p.expect(status, page, http.StatusOK, "New External ID created", "The trust policy below contains both.",
		"Use the new one", "What to change on the role")
	if next := value(t, page, "next-id"); len(next) != 32 || next == first {
		t.Errorf("the next External ID is %q", next)
	}
	status, _, page = p.get(integration + "/rotation/complete")
	p.expect(status, page, http.StatusOK, "1 External ID stops.", first)
	status, _, page = p.post(integration+"/rotation/complete", url.Values{"confirm": {confirmIn(page)}})
	p.expect(status, page, http.StatusUnprocessableEntity,
		"t let Windlass in with the new External ID yet: AWS returned 403 AccessDenied.", "Use the new External ID")
	status, _, page = p.post(integration+"/rotation", url.Values{"step": {"abandon"}})
	p.expect(status, page, http.StatusOK, "Rotation abandoned")

	status, _, page = p.get(integration + "/disable")
	p.expect(status, page, http.StatusOK, "Disable the AWS integration", "You can enable it again")
	status, _, page = p.post(integration+"/disable", nil)
	p.expect(status, page, http.StatusOK, "AWS integration disabled", "This integration is disabled", "Enable")
	status, _, page = p.post(integration+"/verifications", nil)
	p.expect(status, page, http.StatusOK, "is disabled.", "Enable it first.")
	status, _, page = p.post(integration+"/switch", nil)
	p.expect(status, page, http.StatusOK, "AWS integration enabled", "Disable")

	_, _, page = p.get(integration + "/remove")
	status, _, page = p.post(integration+"/remove", url.Values{"confirm": {confirmIn(page)}})
	p.expect(status, page, http.StatusOK, "AWS integration removed", integration+`/restore"`)
	status, _, page = p.get(integration)
	p.expect(status, page, http.StatusOK, "Removed", "Restore")
	status, _, page = p.post(integration+"/restore", nil)
	p.expect(status, page, http.StatusOK, "AWS integration restored")
	if id := value(t, page, "external-id"); id != first {
		t.Errorf("restored, its External ID is %q and was %q", id, first)
	}
	status, _, page = p.get("/sources/credentials")
	p.expect(status, page, http.StatusOK, "Credentials")
	if has(page, `/restore"`) {
		t.Error("what is not removed can be restored")
	}

	_, _, page = p.post("/sources/credentials/new",
		url.Values{
			"name": {"legacy"}, "access_key_id": {"AKIAIOSFODNN7EXAMPLE"},
			"secret_access_key": {"not-to-be-shown-again"},
		})
	key := regexp.MustCompile(`/sources/credentials/(cred_[0-9a-z]+)"`).FindStringSubmatch(page)
	if key == nil {
		t.Fatalf("the page names no access key:\n%s", page)
	}
	status, _, page = p.post("/sources/credentials/"+key[1]+"/verification", url.Values{"bucket": {"A"}})
	p.expect(status, page, http.StatusUnprocessableEntity, "Invalid request: ")
	status, _, page = p.post("/sources/credentials/"+key[1]+"/verification",
		url.Values{"bucket": {"harbour-exports"}, "prefix": {"sales"}})
	p.expect(status, page, http.StatusOK, "rejects the access key ID", "there is no key to lose", "Verify again")
	status, _, page = p.get("/identity")
	p.expect(status, page, http.StatusOK, "own AWS principal", "s3:ListAllMyBuckets")
}

// confirmIn is the name that a page's form sends to confirm a removal.
func confirmIn(page string) string {
	found := regexp.MustCompile(`name="confirm" value="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}
