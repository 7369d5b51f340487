// Package page has the building blocks of the console's pages: the frame, the
// templates, and the formatting of words, numbers and icons.
package page

import (
	"net/url"
)

// Frame is the part that every page behind the sign-in has; page structs embed it.
type Frame struct {
	Title   string
	Crumbs  []Crumb
	Theme   string // "light", "dark", or empty for the system's
	Account Account
	Nav     Nav
	News    []New // what the member can create
	Flash   *Flash
	Problem *Problem // problem of the submitted form
}

// Account is the signed-in member.
type Account struct {
	Email     string
	Workspace string // its name
}

// Initial is the letter of the account's mark.
func (a Account) Initial() string {
	for _, r := range a.Email {
		return string(r)
	}
	return "?"
}

// Crumb is a breadcrumb of a page. The page itself has no path.
type Crumb struct{ Name, Path string }

// Nav is the navigation.
type Nav struct {
	Top    []NavLink
	Groups []NavGroup
}

// NavGroup is a part of the navigation with a heading.
type NavGroup struct {
	ID, Name string
	Links    []NavLink
}

// NavLink is a link of the navigation.
type NavLink struct {
	Name, Path, Icon string
	Current          bool
}

// New is something that can be created, in the menu of every page.
type New struct{ Name, Act, Path, Icon string }

// Flash is a message that a page shows once, after something was done.
type Flash struct{ Tone, Icon, Title, Text string }

// Offer has the parts of the navigation that not everyone sees.
type Offer struct {
	Sandbox  bool // the service runs on the AWS stand-in
	Operator bool // the reader operates the instance
}

// Navigation is the console's table of contents, with the link of the section
// that a page belongs to marked.
func Navigation(section string, offer Offer) Nav {
	link := func(name, path, icon string) NavLink {
		return NavLink{Name: name, Path: path, Icon: icon, Current: path == section}
	}
	tools := []NavLink{link("Policies", "/policies", "file-text")}
	if offer.Sandbox {
		tools = append(tools, link("Sandbox", "/sandbox", "flask-conical"))
	}
	settings := []NavLink{
		link("Members", "/members", "user-round"),
		link("Identity", "/identity", "server"),
		link("Notifications", "/notifications", "bell"),
	}
	if offer.Operator {
		settings = append(settings, link("Nodes", "/nodes", "layers"))
	}
	return Nav{
		Top: []NavLink{link("Home", "/", "house")},
		Groups: []NavGroup{
			{"data", "Data", []NavLink{
				link("Datasets", "/datasets", "table-2"),
				link("Query", "/query", "terminal"),
				link("Loads", "/loads", "layers"),
				link("Schedules", "/schedules", "clock"),
			}},
			{"sources", "Sources", []NavLink{
				link("Data sources", "/sources/data", "folder-open"),
				link("Credentials", "/sources/credentials", "key-round"),
			}},
			{"access", "Access", []NavLink{
				link("API tokens", "/tokens", "fingerprint"),
				link("CI access", "/ci", "workflow"),
				link("Who can reach", "/reach", "users"),
			}},
			{"activity", "Activity", []NavLink{
				link("Audit log", "/audit", "scroll-text"),
				link("Security", "/security", "shield-alert"),
			}},
			{"tools", "Tools", tools},
			{"settings", "Settings", settings},
		},
	}
}

// NextPath is the address of a list's next page, empty at the end.
func NextPath(path, cursor string) string {
	if cursor == "" {
		return ""
	}
	return path + "?" + url.Values{"cursor": {cursor}}.Encode()
}
