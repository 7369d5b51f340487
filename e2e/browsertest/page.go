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

// Page is one page of a browser. A step that does not come true within its
// time fails the test, and says what the page shows.
type Page struct {
	t       *testing.T
	context context.Context
	size    Size
}

// Of is the same page in a part of its test.
func (p *Page) Of(t *testing.T) *Page { //nolint:thelper // it says nothing of the test
	part := *p
	part.t = t
	return &part
}

// Open goes to an address and waits until it is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("opening "+url, chromedp.Navigate(url))
}

// Click clicks what a CSS selector names, and waits for the page that this
// leads to, if it does.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Following(selector, func() {
		ctx, cancel := context.WithTimeout(p.context, patience)
		defer cancel()
		for {
			_, err := chromedp.Run(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
			if err == nil {
				return
			}
			if !replaced(err) || ctx.Err() != nil {
				p.t.Fatalf("clicking %s: %v; the page shows:\n%s", selector, err, p.shown())
			}
		}
	})
}

// replaced reports whether an element was replaced by a script between being found and being used.
func replaced(err error) bool {
	return strings.Contains(err.Error(), "Could not find node") || strings.Contains(err.Error(), "is detached")
}

// Fill types into a field, in place of what is there.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.Click(selector)
	Evaluate[bool](p, fmt.Sprintf("(document.querySelector(%q).select(), true)", selector))
	if text == "" {
		text = kb.Backspace
	}
	p.Press(text)
}

// Value is a field's value.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return get(p, "reading "+selector, chromedp.Value(chromedp.CSS(selector)))
}

// Text is the text of what a selector names, as it is shown.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(get(p, "reading "+selector, chromedp.Text(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// See waits until the page shows a text.
func (p *Page) See(text string) {
	p.t.Helper()
	p.Until("seeing "+text, fmt.Sprintf("document.body.innerText.includes(%q)", text))
}

// Until waits until a JavaScript expression is true, on this page or on one
// that is gone to meanwhile.
func (p *Page) Until(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.context, patience)
	defer cancel()
	for ctx.Err() == nil {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => { try { return !!("+expression+
			") } catch { return false } })()"))
		if err == nil && yes {
			return
		}
		time.Sleep(25 * time.Millisecond) // the page has no way to call back
	}
	p.t.Fatalf("%s: it never came; the page shows:\n%s", what, p.shown())
}

// Evaluate returns the value of a JavaScript expression; a promise is awaited.
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

// TabTo presses Tab until the focus is on what a selector names, as a person
// without a mouse does.
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

// Shot keeps a picture of the whole page as a PNG file: the window is made as
// high as the page for it.
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

// ShotOf keeps a picture of one element, found by a selector, as a PNG file.
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

// Resize makes the window another size, for this page as it is.
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

// patience is how long a step may take, on a machine that has much else to do.
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
