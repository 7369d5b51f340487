package browsertest

import (
	"fmt"
	"strings"
)

// Violation is something that axe-core found.
type Violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// String returns the finding with its elements.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 5 {
			fmt.Fprintf(&b, "\n  and %d more", len(v.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// SizeRules has axe-core's rules that depend on the size of the window and the colours.
var SizeRules = []string{
	"color-contrast", "target-size", "scrollable-region-focusable", "region", "landmark-unique", "meta-viewport",
}

// Axe returns what axe-core finds against WCAG 2.2 AA and its own best practice
// on the page in its current state. With rules, only those are checked.
func (p *Page) Axe(rules ...string) []Violation {
	p.t.Helper()
	if !Evaluate[bool](p, `"axe" in window`) {
		Evaluate[bool](p, axe+"; true")
	}
	options := `{resultTypes: ["violations"]}`
	if len(rules) > 0 {
		options = fmt.Sprintf(`{resultTypes: ["violations"], runOnly: {type: "rule", values: ["%s"]}}`,
			strings.Join(rules, `","`))
	}
	return Evaluate[[]Violation](p, `axe.run(document, `+options+`).then(r => r.violations)`)
}

// Overflows returns an element that makes the page wider than its window, so
// that a phone would scroll sideways, or an empty string.
func (p *Page) Overflows() string {
	p.t.Helper()
	return Evaluate[string](p, `(() => {
		const root = document.documentElement;
		if (root.scrollWidth <= root.clientWidth) return "";
		for (const e of document.querySelectorAll("body *")) {
			const box = e.getBoundingClientRect();
			if (box.width && box.right > root.clientWidth + 1 && !e.closest(".table-container, pre, .tabbar, .rail")) return e.outerHTML.slice(0, 300);
		}
		return "the page is " + root.scrollWidth + " wide";
	})()`)
}

// Forbidden returns the violations of the page's Content-Security-Policy.
func (p *Page) Forbidden() []string {
	p.t.Helper()
	return Evaluate[[]string](p, `(() => {
		const observer = new ReportingObserver(() => {}, {types: ["csp-violation"], buffered: true});
		observer.observe();
		return observer.takeRecords().map(({body}) =>
			body.effectiveDirective + ": " + body.blockedURL + " " + (body.sample ?? ""));
	})()`)
}
