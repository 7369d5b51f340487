package browsertest

import "fmt"

// Following activates what a CSS selector names. Where that is a link or a
// form that the browser itself follows, the page it leads to has been loaded
// in full at the end: nothing is read off the page that was left.
func (p *Page) Following(selector string, activate func()) {
	p.t.Helper()
	p.Until("finding "+selector, fmt.Sprintf("document.querySelector(%q)", selector))
	leads := Evaluate[bool](p, fmt.Sprintf(leadsAway, selector))
	activate()
	if leads {
		p.Until("arriving where "+selector+" leads", `!window.leaving && document.readyState === "complete"`)
	}
}

// leadsAway is true of what makes the browser load another document, and
// marks the present one. Not of what htmx or a script answers, of a download,
// of another window, nor of a form that the browser refuses to send.
const leadsAway = `(() => {
	const at = document.querySelector(%q), link = at.closest("a[href]"), form = at.type === "submit" && at.form;
	const scripted = e => [...e.attributes].some(a => a.name.startsWith("hx-")) || e.matches(".theme-form");
	const bare = url => url.split("#")[0];
	if (link) return window.leaving = !scripted(link) && !link.target && !link.hasAttribute("download") && !(link.hash && bare(link.href) === bare(location.href));
	if (form) return window.leaving = !scripted(form) && !scripted(at) && (form.noValidate || at.formNoValidate || form.checkValidity());
	return false;
})()`
