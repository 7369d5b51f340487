package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestDoctorPictures brings the service and its sandbox into each state that
// docs/doctor.md shows, and checks the texts of the page at both sizes. This
// command takes the pictures of the documentation again:
//
//	WINDLASS_PICTURES=$PWD/docs/images/doctor go test ./e2e -run TestDoctorPictures
//
// WINDLASS_SHOTS=FOLDER saves the whole pages, light and dark.
func TestDoctorPictures(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, pose := range poses {
		t.Run(pose.name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t)
			path := pose.strike(s)
			s.page = chromium.Page(t, browsertest.Desktop, "light")
			s.page.Open(s.SignIn)
			s.page.See("Sign in with this link")
			s.page.Click("form button")
			s.page.See("harbour")
			s.page.Open(s.URL + path)
			if pose.onPage != nil {
				pose.onPage(s)
			}
			s.look(pose)
		})
	}
}

// pose is a state of a page, and the texts that it must show.
type pose struct {
	name   string
	strike func(*studio) string // creates the state, and returns the page's path
	onPage func(*studio)        // a person's actions on the page; optional
	says   []string
	silent []string // texts that the page must not show
	frame  string   // the part of the page in the picture; default: the verification
}

// look checks the page for the pose's texts at both sizes, and takes the
// requested pictures.
func (s *studio) look(p pose) {
	s.t.Helper()
	for _, text := range p.says {
		s.page.See(text)
	}
	shown := browsertest.Evaluate[string](s.page, "document.body.innerText")
	for _, text := range p.silent {
		if strings.Contains(shown, text) {
			s.t.Errorf("the page says %q:\n%s", text, shown)
		}
	}
	if folder := os.Getenv("WINDLASS_PICTURES"); folder != "" {
		frame := p.frame
		if frame == "" {
			frame = "#verification"
		}
		s.page.ShotOf(frame, filepath.Join(folder, p.name+".png"))
	}
	for _, window := range []struct {
		name           string
		size           browsertest.Size
		scheme, second string // axe looks at the first
	}{{"1280", browsertest.Desktop, "light", "dark"}, {"390", browsertest.Phone, "dark", "light"}} {
		s.page.Resize(window.size)
		s.page.Scheme(window.scheme)
		if culprit := s.page.Overflows(); culprit != "" {
			s.t.Errorf("at %s the page is wider than the window: %s", window.name, culprit)
		}
		for _, violation := range s.page.Axe() {
			s.t.Errorf("%s %s: %s", window.name, window.scheme, violation)
		}
		if folder := os.Getenv("WINDLASS_SHOTS"); folder != "" {
			for _, scheme := range []string{window.scheme, window.second} {
				s.page.Scheme(scheme)
				s.page.Shot(filepath.Join(folder, p.name+"-"+window.name+"-"+scheme+".png"))
			}
		}
	}
}
