package console

import (
	"net/url"
)

// shell is what every page behind the sign-in has; page structs embed it.
type shell struct {
	Title   string
	Crumbs  []crumb
	Theme   string // "light", "dark", or empty for the system's
	Account account
	Nav     nav
	Flash   *flash
	Problem *problemView // what was wrong with the form that came in
}

type account struct {
	Email     string
	Workspace string // its name
}

// Initial is the letter of the account's mark.
func (a account) Initial() string {
	for _, r := range a.Email {
		return string(r)
	}
	return "?"
}

type crumb struct{ Name, Path string }

type nav struct {
	Top    []navLink
	Groups []navGroup
}

type navGroup struct {
	ID, Name string
	Links    []navLink
}

type navLink struct {
	Name, Path, Icon string
	Current          bool
}

// flash is a message that a page shows once, after something was done.
type flash struct{ Tone, Icon, Title, Text string }

// navigation is the console's table of contents, with the link of the section
// that a page belongs to marked.
func navigation(section string, sandbox bool) nav {
	link := func(name, path, icon string) navLink {
		return navLink{Name: name, Path: path, Icon: icon, Current: path == section}
	}
	tools := []navLink{link("Policies", "/policies", "file-text")}
	if sandbox {
		tools = append(tools, link("Sandbox", "/sandbox", "flask-conical"))
	}
	return nav{
		Top: []navLink{link("Home", "/", "house")},
		Groups: []navGroup{
			{"sources", "Sources", []navLink{
				link("Credentials", "/sources/credentials", "key-round"),
				link("Data sources", "/sources/data", "folder-open"),
			}},
			{"data", "Data", []navLink{
				link("Datasets", "/datasets", "table-2"),
				link("Loads", "/loads", "layers"),
			}},
			{"access", "Access", []navLink{
				link("CI access", "/ci", "workflow"),
				link("API tokens", "/tokens", "fingerprint"),
				link("Audit log", "/audit", "scroll-text"),
				link("Security", "/security", "shield-alert"),
				link("Members", "/members", "users"),
				link("Identity", "/identity", "server"),
			}},
			{"tools", "Tools", tools},
		},
	}
}

// nextPage is the address of a list's next page, empty at the end.
func nextPage(path, cursor string) string {
	if cursor == "" {
		return ""
	}
	return path + "?" + url.Values{"cursor": {cursor}}.Encode()
}
