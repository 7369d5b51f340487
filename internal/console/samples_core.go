package console

import (
	"time"
)

// fixture is a page in one state.
type fixture struct {
	Name     string // of the state, the last part of its address and of its picture
	Page     string // as the renderer knows it
	Template string // "layout" or, without the navigation, "page"
	Data     any
}

// sampleOf is a page inside the layout.
func sampleOf(name, page string, data any) fixture { return fixture{name, page, "layout", data} }

// bareSample is a page without the navigation.
func bareSample(name, page string, data any) fixture { return fixture{name, page, "page", data} }

// fixtureTime is when the samples are looked at.
var fixtureTime = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

// shellOf is what a sample has around it.
func shellOf(title, section string, crumbs ...crumb) shell {
	return shell{
		Title: title, Crumbs: crumbs, Nav: navigation(section, true),
		Account: account{Email: "ada@example.com", Workspace: "harbour"},
	}
}

// sourcesCrumbs returns the way to a page below Sources, Credentials.
func sourcesCrumbs(rest ...crumb) []crumb {
	return append([]crumb{{Name: "Sources"}, {"Credentials", "/sources/credentials"}}, rest...)
}
