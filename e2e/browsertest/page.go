package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Page is one page of a browser. A step that doesn't succeed in time fails
// the test with the content of the page.
type Page struct {
	t       *testing.T
	context context.Context
	size    Size
}

// Of returns the same page for a subtest.
func (p *Page) Of(t *testing.T) *Page { //nolint:thelper // it reports nothing to the test
	part := *p
	part.t = t
	return &part
}

// Open goes to an address and waits until it is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("opening "+url, chromedp.Navigate(url))
}

// Click clicks the element that a CSS selector names, again if the page moved it away from
// under the click. If that leads to another page, Click waits for it.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Following(selector, func() {
		ctx, cancel := context.WithTimeout(p.context, patience)
		defer cancel()
		for {
			hit, err := p.click(ctx, selector)
			if hit {
				return
			}
			if ctx.Err() != nil || err != nil && !replaced(err) {
				p.t.Fatalf("clicking %s: %v; the page shows:\n%s", selector, err, p.shown())
			}
		}
	})
}

// click clicks once, and reports whether the element got the click.
func (p *Page) click(ctx context.Context, selector string) (bool, error) {
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(listen, selector))); err != nil {
		return false, nil //nolint:nilerr // the page was about to be replaced: the next try finds the new one
	}
	if _, err := chromedp.Run(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		return false, err
	}
	const pause = 25 * time.Millisecond // the page has no way to call back
	for range missed / pause {
		hit, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("window.hit !== false"))
		if hit || err != nil && ctx.Err() == nil {
			return true, nil // without an answer, the page is being left
		}
		time.Sleep(pause)
	}
	return false, ctx.Err()
}

// listen notes in window.hit whether the element gets a click. Another document has no note.
const listen = `(() => {
	window.hit = false;
	addEventListener("click", e => { window.hit ||= !!e.target.closest?.(%q) }, {capture: true});
	return true;
})()`

// missed is the time after which a click that reached no listener is taken for a miss.
const missed = 10 * time.Second

// replaced reports whether a script replaced an element after it was found and before it was used.
func replaced(err error) bool {
	return strings.Contains(err.Error(), "Could not find node") || strings.Contains(err.Error(), "is detached")
}

// Fill replaces the content of a field by typing.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.Click(selector)
	Evaluate[bool](p, fmt.Sprintf("(document.querySelector(%q).select(), true)", selector))
	if text == "" {
		text = kb.Backspace
	}
	p.Press(text)
}

// Value returns a field's value.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return get(p, "reading "+selector, chromedp.Value(chromedp.CSS(selector)))
}

// Text returns the displayed text of the element that a selector names.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(get(p, "reading "+selector, chromedp.Text(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// See waits until the page shows a text.
func (p *Page) See(text string) {
	p.t.Helper()
	p.Until("seeing "+text, fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// Until waits until a JavaScript expression is true, on this page or on the
// one that the browser goes to meanwhile.
func (p *Page) Until(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.context, patience)
	defer cancel()
	for pause := 25 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 200*time.Millisecond) {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => { try { return !!("+expression+
			") } catch { return false } })()"))
		if err == nil && yes {
			return
		}
		time.Sleep(pause) // the page has no way to call back
	}
	p.t.Fatalf("%s: it never came; the page shows:\n%s", what, p.shown())
}

// Evaluate returns the value of a JavaScript expression; it awaits a promise.
func Evaluate[T any](p *Page, expression string) T {
	p.t.Helper()
	return get(p, "evaluating "+expression[:min(len(expression), 60)],
		chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Press presses keys: text, or those of chromedp/kb.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("pressing a key", chromedp.KeyEvent(keys))
}

// Chord presses a key together with Control.
func (p *Page) Chord(key string) {
	p.t.Helper()
	p.do("pressing Control and "+key, chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// TabTo presses Tab until the element that a selector names has the focus,
// like a person without a mouse.
func (p *Page) TabTo(selector string) {
	p.t.Helper()
	for range 120 {
		if Evaluate[bool](p, fmt.Sprintf("!!document.activeElement && document.activeElement.matches(%q)", selector)) {
			return
		}
		p.Press(kb.Tab)
	}
	p.t.Fatalf("Tab never reaches %s; the page shows:\n%s", selector, p.shown())
}

// Shot saves a picture of the whole page as a PNG file. It makes the window
// as high as the page.
func (p *Page) Shot(file string) {
	p.t.Helper()
	p.Until("fonts", `document.fonts.status === "loaded"`)
	height := Evaluate[int64](p, "document.documentElement.scrollHeight")
	p.resize(Size{p.size.Width, max(height, p.size.Height)})
	png := get(p, "taking a picture", chromedp.CaptureScreenshot())
	p.resize(p.size)
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// ShotOf saves a picture of the element that a selector names as a PNG file.
func (p *Page) ShotOf(selector, file string) {
	p.t.Helper()
	p.Until("fonts", `document.fonts.status === "loaded"`)
	height := Evaluate[int64](p, "document.documentElement.scrollHeight")
	p.resize(Size{p.size.Width, max(height, p.size.Height)})
	png := get(p, "taking a picture of "+selector, chromedp.Screenshot(chromedp.CSS(selector)))
	p.resize(p.size)
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Resize changes the size of the window of the open page.
func (p *Page) Resize(size Size) {
	p.t.Helper()
	p.size = size
	p.resize(size)
}

func (p *Page) resize(size Size) {
	p.t.Helper()
	var touch []chromedp.EmulateViewportOption
	if size.Width < phoneWidth {
		touch = []chromedp.EmulateViewportOption{chromedp.EmulateMobile, chromedp.EmulateTouch}
	}
	p.do("setting the window's size", chromedp.EmulateViewport(size.Width, size.Height, touch...))
}

// patience is the time limit of a step, long enough for a busy machine.
const patience = time.Minute

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	get(p, what, chromedp.Steps(steps...))
}

func get[T any](p *Page, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.context, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v; the page shows:\n%s", what, err, p.shown())
	}
	return value
}

func (p *Page) shown() string {
	ctx, cancel := context.WithTimeout(p.context, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	if err != nil {
		return "(nothing: " + err.Error() + ")"
	}
	return text
}
