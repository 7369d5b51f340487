// Package sample is what the samples of pages share. A subject's samples are its
// pages in each of their states: tests render them, and open them in a browser.
package sample

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
)

// Page is a page in one state.
type Page struct {
	Name     string // of the state, the last part of its address and of its picture
	Page     string // its name in the renderer
	Template string // "layout" or, without the navigation, "page"
	Data     any
}

// New is a page inside the layout.
func New(name, page string, data any) Page { return Page{name, page, "layout", data} }

// Bare is a page without the navigation.
func Bare(name, page string, data any) Page { return Page{name, page, "page", data} }

// Time is the current time in the samples.
var Time = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// Frame returns the frame of a sample.
func Frame(title, section string, crumbs ...page.Crumb) page.Frame {
	return page.Frame{
		Title: title, Crumbs: crumbs, Nav: page.Navigation(section, page.Offer{Sandbox: true, Operator: true}),
		Account: page.Account{Email: "ada@example.com", Workspace: "harbour"},
		News:    []page.New{{Name: "Token", Act: "Create a token", Path: "/tokens/new", Icon: "fingerprint"}},
	}
}

// SourcesCrumbs returns the breadcrumbs of a page below Sources, Credentials.
func SourcesCrumbs(rest ...page.Crumb) []page.Crumb {
	return append([]page.Crumb{{Name: "Sources"}, {Name: "Credentials", Path: "/sources/credentials"}}, rest...)
}
