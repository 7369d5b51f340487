package browsertest

import "fmt"

// Following activates what a CSS selector names. Where the browser follows it
// to another document, as it does a link or a form that no script answers,
// that document has been loaded in full at the end: nothing is read off the
// page that was left.
func (p *Page) Following(selector string, activate func()) {
	p.t.Helper()
	p.Until("finding "+selector, fmt.Sprintf(watch, selector))
	activate()
	p.Until("arriving where "+selector+" leads", `window.leaving === undefined ? document.readyState === "complete" : !window.leaving`)
}

// watch has the document say, once a thing is there, whether it is left by
// what happens next. The window hears of it last, when every script has had
// its say.
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
