package browsertest

import "fmt"

// Following activates what a CSS selector names. Where that is a link or a
// form that the browser itself follows, the page it leads to has been loaded
// in full at the end: nothing is read off the page that was left.
func (p *Page) Following(selector string, activate func()) {
	p.t.Helper()
	p.Until("finding "+selector, fmt.Sprintf(mark, selector))
	leads := Evaluate[bool](p, "!!window.leaving")
	activate()
	if leads {
		p.Until("arriving where "+selector+" leads", `!window.leaving && document.readyState === "complete"`)
	}
}

// mark marks the document as one that is left by activating something, and is
// true once that is there. What htmx or a script answers leaves no document,
// nor does a download, another window, or a form that the browser refuses to
// send.
const mark = `(() => {
	const at = document.querySelector(%q);
	if (!at) return false;
	const link = at.closest("a[href]"), form = at.type === "submit" && at.form;
	const scripted = (e, event) => e.matches(".theme-form, [hx-get], [hx-post]") && (e.getAttribute("hx-trigger") ?? event).includes(event);
	const bare = url => url.split("#")[0];
	window.leaving = link ? !scripted(link, "click") && !link.target && !link.hasAttribute("download") && !(link.hash && bare(link.href) === bare(location.href))
		: form ? !scripted(form, "submit") && !scripted(at, "click") && (form.noValidate || at.formNoValidate || form.checkValidity())
		: false;
	return true;
})()`
