package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestRowsScrollInABrowser scrolls through more rows than a page has.
func TestRowsScrollInABrowser(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	rows := make([]string, 430)
	for n := range rows {
		rows[n] = fmt.Sprintf(`{"name":"well-%04d","depth":%d.5}`, n+1, n)
	}
	status, text := h.call(t, http.MethodPost, "/v1/workspaces/main/datasets/WELLS/rows?create=true&key=name",
		h.command(t, h.owner), "["+strings.Join(rows, ",")+"]")
	if status != http.StatusCreated {
		t.Fatalf("creating WELLS: %d %s", status, text)
	}
	_, _, text = h.post(t, h.owner, "/members/invite", url.Values{"email": {"bob@example.com"}, "role": {"editor"}})
	link := linkOnPage.FindString(strings.ReplaceAll(text, "<wbr>", ""))
	p := browsertest.Start(t).Page(t, browsertest.Desktop, "light")
	p.Open(h.URL + link)
	p.Click("main button, form button")
	p.Until("signed in", `location.pathname === "/"`)

	p.Open(h.URL + "/datasets/WELLS")
	p.See("of 430") // the next rows are loaded at once
	const few = `document.querySelectorAll(".cells tbody tr").length <= 100`
	const bottom = `(document.querySelector("#rows .grid-box").scrollTop = 1e6, document.querySelector(".cells tbody").textContent`
	p.Until("the last row is shown", bottom+`.includes("well-0430"))`)
	p.See("Rows 1 to 430 of 430")
	if !browsertest.Evaluate[bool](p, few) {
		t.Error("more than 100 rows are in the document")
	}
	if browsertest.Evaluate[bool](p, `document.querySelector(".cells tbody").textContent.includes("well-0001")`) {
		t.Error("the first row is still in the document")
	}
	p.Until("scrolling back shows the first row",
		`(document.querySelector("#rows .grid-box").scrollTop = 0, document.querySelector(".cells tbody").textContent.includes("well-0001"))`)

	p.TabTo(".cells td")
	for range 3 {
		p.Chord(kb.End)
		p.Until("the end of what is loaded has the focus", `document.activeElement.closest("tr") !== null`)
	}
	p.Until("the last row has the focus", `document.activeElement.closest("tr").textContent.includes("well-0430")`)
	p.Press(" ")
	p.See("Row 430")
	p.See("Edit row")
	if !browsertest.Evaluate[bool](p, `document.querySelector("tr[data-current]").textContent.includes("well-0430")`) {
		t.Error("the row that is shown isn't marked")
	}
	for _, violation := range p.Axe() {
		t.Error(violation)
	}
	p.Click("#row a[data-edit]")
	p.See("Save row")
}
