package view

import (
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/workspace"
)

// Browsers lists the browsers of sessions; current is the ID of the reader's
// own session.
func Browsers(open []workspace.Session, current string) []Browser {
	views := make([]Browser, 0, len(open))
	for _, session := range open {
		views = append(views, Browser{
			session.ID, browserName(session.Agent), session.Address, session.BeganAt, session.SeenAt,
			session.ID == current,
		})
	}
	return views
}

// Browser is a browser in which the member is signed in.
type Browser struct {
	ID, Browser, Address string
	BeganAt, SeenAt      time.Time
	Current              bool
}

// browserName returns the common names of a browser and its system.
func browserName(agent string) string {
	name := firstIn(agent, "Firefox/", "Firefox", "Edg/", "Edge", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/",
		"Safari", "curl/", "curl")
	system := firstIn(agent, "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X",
		"macOS", "Linux", "Linux")
	switch {
	case name == "" && system == "":
		return "Unknown browser"
	case name == "":
		return "Browser on " + system
	case system == "":
		return name
	}
	return name + " on " + system
}

// firstIn returns the name of the first mark that a text has; marks and names
// alternate.
func firstIn(text string, marks ...string) string {
	for i := 0; i+1 < len(marks); i += 2 {
		if strings.Contains(text, marks[i]) {
			return marks[i+1]
		}
	}
	return ""
}
