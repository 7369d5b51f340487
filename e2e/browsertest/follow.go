package browsertest

import "fmt"

// Following activates the element that a CSS selector names. If that leads to
// another document, as a link or a form without a script does, Following
// returns after that document has loaded, so that nothing is read from the
// previous page.
func (p *Page) Following(selector string, activate func()) {
	p.t.Helper()
	p.Until("finding "+selector, fmt.Sprintf(watch, selector))
	activate()
	p.Until("arriving where "+selector+" leads", `window.leaving === undefined ? document.readyState === "complete" : !window.leaving`)
}

// watch reports, once an element exists, whether the next event leads to
// another document. Its handler on the window runs last, after those of the
// page's scripts.
const watch = `(() => {
	if (!document.querySelector(%q)) return false;
	if (window.leaving === undefined) {
		const bare = url => url.split("#")[0];
		window.addEventListener("submit", e => window.leaving ||= !e.defaultPrevented && e.target.target !== "_blank");
		window.addEventListener("click", e => {
			const link = e.target.closest?.("a[href]");
			if (!link || e.defaultPrevented || link.target || link.hasAttribute("download")) return;
			window.leaving ||= !(link.hash && bare(link.href) === bare(location.href));
		});
	}
	window.leaving = false;
	return true;
})()`
