package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// The sample that the customer has in the bucket.
var harbourObjects = map[string]string{
	"sales/2026-01.csv": "region,day,units\nnorth,2026-01-01,120\nsouth,2026-01-01,88\nnorth,2026-01-02,97\n",
	"sales/2026-02.csv": "region,day,units\nnorth,2026-02-01,131\nsouth,2026-02-01\n" +
		"north,2026-02-02,140\nsouth,2026-02-02,91\nnorth,2026-02-03,128\n",
	"private/pay.csv": "name,pay\nada,1\n",
}

// sitting is a person at the console: with a mouse, or with the keyboard
// alone.
type sitting struct {
	*browsertest.Page
	t        *testing.T
	keyboard bool
	rules    []string // of axe-core; none means all
}

// window is a test's browser window, colour scheme and way of input.
type window struct {
	by     string // mouse, or keyboard alone
	size   browsertest.Size
	scheme string // light or dark
}

// large reports whether axe-core checks all rules in the window.
func (w window) large() bool { return w.by == mouse && w.size == browsertest.Desktop }

const (
	mouse    = "mouse"
	keyboard = "keyboard"
)

// atEach runs a test in each window, in parallel, each with its own rig. After a large window,
// axe-core checks in a small one what depends on the size and the colours.
func atEach(t *testing.T, windows []window, do func(*testing.T, *rig, *sitting)) {
	t.Helper()
	chromium := browsertest.Start(t)
	for i, w := range windows {
		var rules []string
		if w.size == browsertest.Phone && slices.ContainsFunc(windows[:i], window.large) {
			rules = browsertest.SizeRules
		}
		t.Run(fmt.Sprint(w.by, " ", w.size.Width, " ", w.scheme), func(t *testing.T) {
			t.Parallel()
			page := chromium.Page(t, w.size, w.scheme)
			do(t, newRig(t), &sitting{Page: page, t: t, keyboard: w.by == keyboard, rules: rules})
		})
	}
}

// signIn signs in with the link of the first start.
func (s *sitting) signIn(r *rig) {
	s.t.Helper()
	s.Open(r.SignIn)
	s.press("form button")
	s.See("Get your data flowing")
}

// press activates a link or a button, and is then on the page it leads to.
func (s *sitting) press(selector string) {
	s.t.Helper()
	if !s.keyboard {
		s.Click(selector)
		return
	}
	s.Following(selector, func() {
		s.TabTo(selector)
		s.Press(kb.Enter)
	})
}

// enter types into a field.
func (s *sitting) enter(selector, text string) {
	s.t.Helper()
	if !s.keyboard {
		s.Fill(selector, text)
		return
	}
	s.TabTo(selector) // which selects the content, as in browsers
	s.Press(text)
}

// look checks the page with axe-core, unless the keyboard is used: the mouse
// run has the same pages.
func (s *sitting) look(name string) {
	s.t.Helper()
	if s.keyboard {
		return
	}
	for _, violation := range s.Axe(s.rules...) {
		s.t.Errorf("%s: %s", name, violation)
	}
	if culprit := s.Overflows(); culprit != "" {
		s.t.Errorf("%s is wider than the window: %s", name, culprit)
	}
	if folder := os.Getenv("WINDLASS_SHOTS"); folder != "" {
		s.Shot(filepath.Join(folder, "real-"+name+"-"+strings.ReplaceAll(filepath.Base(s.t.Name()), " ", "-")+".png"))
	}
}

// TestConsole goes through the steps of the storage integration in order,
// checks their texts, and continues to an app's first response, only on the
// console's pages: at both sizes with a mouse, and with only the keyboard.
func TestConsole(t *testing.T) {
	t.Parallel()
	atEach(t, []window{
		{mouse, browsertest.Desktop, "light"},
		{mouse, browsertest.Phone, "dark"},
		{keyboard, browsertest.Desktop, "dark"},
	}, func(t *testing.T, r *rig, s *sitting) {
		r.Customer.Fill("harbour-exports", harbourObjects)
		role := r.Customer.CreateRole("windlass-reader")

		s.Open(r.SignIn)
		s.See("Sign in with this link")
		s.look("sign-in-link")
		s.press("form button")
		s.See("Get your data flowing")
		s.look("home")
		s.integrate(r, role)
		s.load()
		s.read()
		s.query(r)
		s.around(r)
		s.remove()
	})
}

// integrate performs the guide's steps on Sources › Credentials.
func (s *sitting) integrate(r *rig, role string) {
	s.t.Helper()
	s.Open(r.URL + "/sources/credentials")
	s.See("No integration yet")
	s.look("credentials-new")
	s.press(`main a[href="/sources/integrations/new"]`)
	s.See("Add Integration")
	s.look("integration-new")
	s.enter("#role_arn", strings.Replace(role, ":role/", ":user/", 1))
	s.press("#integration-form .actions button")
	s.Until("the form comes back", `document.querySelector("#role_arn").getAttribute("aria-invalid") === "true"`)
	s.look("integration-new-rejected")
	s.enter("#role_arn", role[:18])
	s.See("isn't an ARN")
	s.Press(role[18:]) // content that was replaced meanwhile didn't move the focus from the field
	s.See("Role windlass-reader in account 222222222222")
	s.enter("#bucket-0", "harbour-exports")
	s.enter("#prefix-0", "sales/")
	s.Until("the guide's policy follows", `document.querySelector("#guide-permission").textContent.includes("arn:aws:s3:::harbour-exports/sales/*")`)
	r.Customer.PutPolicy("windlass-reader", browsertest.Evaluate[string](s.Page,
		`document.querySelector("#guide-permission").textContent`))
	s.press("#integration-form .actions button")
	s.See("AWS integration created")
	s.look("integration-added")

	s.press(`a.btn[href="/sources/credentials"]`)
	s.See("Remove AWS integration")
	if id := s.Text("#external-id"); len(id) != 32 {
		s.t.Errorf("the External ID is %q", id)
	}
	if arn := s.Text("#user-arn"); arn != "arn:aws:iam::111111111111:user/windlass" {
		s.t.Errorf("the User ARN is %q", arn)
	}
	if arn := s.Text("#role-arn"); arn != role {
		s.t.Errorf("the Role ARN is %q", arn)
	}
	s.look("credentials-one")
	trust := browsertest.Evaluate[string](s.Page, `document.querySelector("#guide-trust").textContent`)

	// Too early: the role still trusts the customer's own account.
	s.press("#aws-integration .panel-foot a")
	s.See("Setup documents")
	s.look("integration-unverified")
	s.press(`form[action$="/verifications"] button`)
	s.See("What to change.")
	s.look("integration-too-early")

	r.Customer.EditTrust("windlass-reader", trust)
	s.press(`.page-head form[action$="/verifications"] button`)
	s.See("It opens exactly what it should")
	s.Until("the state is verified", `document.querySelector("#integration-state").textContent.includes("Verified")`)
	s.Until("the last verifications know it", `document.querySelector("#runs li").textContent.includes("Verified")`)
	s.look("integration-verified")
}

// load names the data, and loads it.
func (s *sitting) load() {
	s.t.Helper()
	s.visit("/sources/data")
	s.See("No sources yet")
	s.look("sources-empty")
	s.press(`main a[href="/sources/data/new"]`)
	s.See("Patterns")
	s.look("source-new")
	s.enter("#name", "Sales")
	s.enter("#pattern", "sales/*.csv")
	s.Until("the preview follows", `document.querySelector("#draft-preview").textContent.includes("2 objects match")`)
	s.look("source-new-preview")
	s.press(`#source-form button[value="save"]`)
	s.Until("the source is there", `location.pathname.startsWith("/sources/data/src_")`)
	s.See("2 objects match")
	s.look("source")
	s.enter("#dataset", "SALES")
	s.press(`form[action$="/loads"] button`)
	s.See("7 rows loaded")
	s.See("sales/2026-02.csv")
	s.look("load")
}

// read checks what an app reads.
func (s *sitting) read() {
	s.t.Helper()
	s.visit("/datasets")
	s.See("SALES")
	s.look("datasets")
	s.enter("#q", "les")
	s.press(".list-search button")
	s.Until("the address has the search", `location.search === "?q=les"`)
	s.See("SALES")
	s.press(`a.row-link[href="/datasets/SALES"]`)
	s.See("Rows 1 to 7 of 7")
	s.look("dataset")
	s.rows()
	s.press(`.tabs a[href="/datasets/SALES/api"]`)
	s.See("200 OK")
	s.look("dataset-api")
	s.enter("#key", "north")
	s.enter("#last", "2")
	s.press("#request button")
	s.Until("the programs follow", `document.querySelector("#sample-curl").textContent.includes("/SALES/north?last=2")`)
	s.See("2 rows")
	s.schema()
	s.visit("/tokens")
	s.press(`main a[href="/tokens/new"]`)
	s.See("Create a token")
	s.enter("#name", "dashboard")
	s.press("form[action='/tokens/new'] .actions > button")
	s.See("Token “dashboard” created")
	if token := s.Text("#new-token"); !strings.HasPrefix(token, "pk_") {
		s.t.Errorf("the new token is %q", token)
	}
	s.look("tokens")
}

// rows filters the rows, opens one of them, and copies a cell.
func (s *sitting) rows() {
	s.t.Helper()
	s.press(".toolbar .menu > summary")
	browsertest.Evaluate[bool](s.Page, `document.querySelector("#fc").value = "units", document.querySelector("#fo").value = "gt", true`)
	s.enter("#fv", "100")
	s.press(".filter-form button")
	s.See("> 100")
	s.Until("the address has the filter", `location.search === "?units=gt.100"`)
	s.See("Rows 1 to 4 of 4")
	s.look("dataset-filter")
	if s.keyboard {
		s.TabTo("[data-grid] td")
		s.Press(kb.ArrowDown)
		s.Press(kb.ArrowRight)
		s.Until("the focus follows the arrows", `document.activeElement.matches("[data-grid] tr:nth-child(2) td:nth-child(3)")`)
		s.Press(kb.Enter)
	} else {
		s.Click("[data-grid] tr:nth-child(2) a[data-row]")
	}
	s.See("Row 2")
	s.Until("the address has the row", `location.search.includes("row=2")`)
	s.look("dataset-row")
	s.press(".filter-chip a")
	s.See("of 7")
}

// query runs SQL, and has a misspelt column replaced.
func (s *sitting) query(r *rig) {
	s.t.Helper()
	s.visit("/query")
	s.See("Rows appear here")
	s.look("query")
	s.run()
	s.See("7 rows")
	s.look("query-rows")
	s.Open(r.URL + "/query?sql=select+regon%0Afrom+SALES")
	s.See("Line 1, column 8")
	s.Until("the fault is underlined", `document.querySelector(".query-editor").shadowRoot.querySelector(".found-error").textContent === "regon"`)
	s.look("query-fault")
	s.press(`[data-replace="region"]`)
	s.run()
	s.See("7 rows")
	s.Until("the address has the statement", `new URLSearchParams(location.search).get("sql").startsWith("select region")`)
}

// run presses Ctrl-Enter in the editor.
func (s *sitting) run() {
	s.t.Helper()
	s.Until("the editor is there", `document.querySelector(".query-editor").shadowRoot.querySelector(".cm-content")`)
	browsertest.Evaluate[bool](s.Page, `document.querySelector(".query-editor").shadowRoot.querySelector(".cm-content").focus(), true`)
	s.Chord(kb.Enter)
}

// schema previews another type for a column, and leaves the page.
func (s *sitting) schema() {
	s.t.Helper()
	s.press(`.tabs a[href="/datasets/SALES/schema"]`)
	s.See("Greatest")
	s.look("dataset-schema")
	browsertest.Evaluate[bool](s.Page, `document.querySelector("[name=type-0]").value = "integer", true`)
	s.press(`button[value="dry"]`)
	s.See("Change region to integer")
	s.See("rows move to the rejected rows")
	s.look("dataset-dry-run")
	s.press(".dry-run a")
	s.See("Nothing changes until you apply it.")
}

// around sees the rest.
func (s *sitting) around(r *rig) {
	s.t.Helper()
	s.visit("/audit")
	s.See("integration.verify")
	s.look("audit")
	s.visit("/loads")
	s.See("SALES")
	s.look("loads")
	s.Open(r.URL + "/no/such/page")
	s.See("This page doesn't exist.")
	s.look("no-page")
	s.Open(r.URL + "/datasets/SALS")
	s.See("Did you mean \"SALES\"?")
	s.Open(r.URL + "/")
	s.See("Rows loaded a day")
	s.look("home-rows")
	s.find("sal", "/datasets/SALES")
	s.Open(r.URL + "/")
}

// find presses Ctrl-K and opens the first result for a text.
func (s *sitting) find(text, path string) {
	s.t.Helper()
	s.Chord("k")
	s.Until("the menu opens", `document.querySelector("#command[open] [data-hit]")`)
	s.Press(text)
	s.Until("the best is chosen", `document.querySelector("#command [aria-selected=true]").pathname === "`+path+`"`)
	s.look("command")
	s.Following("#command [aria-selected=true]", func() { s.Press(kb.Enter) })
	s.Until("arriving at "+path, `location.pathname === "`+path+`"`)
}

// remove removes the integration.
func (s *sitting) remove() {
	s.t.Helper()
	s.visit("/sources/credentials")
	s.press("#aws-integration .panel-head a")
	s.See("What stops")
	s.See("Sales")
	s.look("remove")
	s.press(`form[action$="/remove"] button`)
	s.See("AWS integration removed")
	s.See("Create AWS integration")
}

// visit goes to a page through the navigation, which a phone opens first.
func (s *sitting) visit(path string) {
	s.t.Helper()
	if browsertest.Evaluate[bool](s.Page, `getComputedStyle(document.querySelector("#rail")).display === "none"`) {
		s.press(`button[popovertarget="rail"]`)
	}
	s.press(`#rail a[href="` + path + `"]`)
	s.Until("arriving at "+path, `location.pathname === "`+path+`"`)
}
