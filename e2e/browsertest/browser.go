// Package browsertest drives Chromium in tests: pages at a size and in a
// colour scheme, key presses and clicks like a person's, and axe-core to find
// problems of accessibility.
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

// The sizes at which every page is tested.
var (
	Desktop = Size{1280, 900}
	Phone   = Size{390, 844}
)

// Browser is a running Chromium, which ends with the test.
type Browser struct{ context context.Context }

// Start starts Chromium. Without one, the test is skipped with a message, or
// fails if CI is set.
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

// Page opens an empty page of a size. scheme is the system's colour scheme, "light" or "dark".
// The page stays open until the test ends; each step has its own time limit.
func (b *Browser) Page(t *testing.T, size Size, scheme string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.context, chromedp.WithNewBrowserContext()) // its own cookies
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the page closes when the context of its first use ends
		t.Fatalf("opening a page: %v", err)
	}
	p := &Page{t: t, context: ctx, size: size}
	p.resize(size)
	p.Scheme(scheme)
	return p
}

// Scheme sets the system's colour scheme, light or dark, for the open page.
func (p *Page) Scheme(scheme string) {
	p.t.Helper()
	p.do("choosing "+scheme, media(scheme))
}

const phoneWidth = 600

// media sets the system's colour scheme, and requests reduced motion.
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
