// Package browsertest drives a real Chromium in tests: pages at a size and a
// colour scheme, keys and clicks as a person makes them, and axe-core to find
// what a person with a disability could not use.
package browsertest

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, MPL-2.0, unchanged.
//
//go:embed axe.min.js
var axe string

// Size is a window's inner size in CSS pixels.
type Size struct{ Width, Height int64 }

// The sizes that every page is tried at.
var (
	Desktop = Size{1280, 900}
	Phone   = Size{390, 844}
)

// Browser is a running Chromium, ended with the test.
type Browser struct{ context context.Context }

// Start starts Chromium. Without one the test is skipped aloud, or, where CI
// is set, fails.
func Start(t *testing.T) *Browser {
	t.Helper()
	path, err := find()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium on this machine, and CI requires one")
		}
		t.Skip("SKIPPED: no Chromium on this machine; the console is not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	// t.Context ends before the cleanup that closes the browser
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	root, close := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(root) // waits until Chromium has ended
		close()
		cancel()
	})
	if err := chromedp.Do(root); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &Browser{context: root}
}

func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// Page opens an empty page of a size. scheme is "light" or "dark", as the
// system would have it. The page stays open until the test ends; each step has its own time limit.
func (b *Browser) Page(t *testing.T, size Size, scheme string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.context, chromedp.WithNewBrowserContext()) // cookies of its own
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the page lives as long as the context it is first used with
		t.Fatalf("opening a page: %v", err)
	}
	p := &Page{t: t, context: ctx, size: size}
	p.resize(size)
	p.Scheme(scheme)
	return p
}

// Scheme makes the system light or dark, for this page as it is.
func (p *Page) Scheme(scheme string) {
	p.t.Helper()
	p.do("choosing "+scheme, media(scheme))
}

const phoneWidth = 600

// media makes the system dark or light, and asks for no movement.
func media(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			}})
		return err
	})
}
