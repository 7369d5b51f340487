package page

import (
	"github.com/windlass-io/windlass/internal/impact"
)

// Stop is one thing that stops.
type Stop struct{ Icon, Name, Text string }

var stopIcons = map[string]string{
	"source": "folder-open", "schedule": "history", "dataset": "table-2", "grant": "ticket", "token": "fingerprint",
	"load": "play", "external_id": "key-round", "user": "users",
}

var stopTexts = map[string]string{
	"source":      "source: can’t load any more",
	"schedule":    "schedule: doesn’t run any more",
	"dataset":     "dataset: keeps its rows, gets no new ones",
	"grant":       "grant: issues no credentials any more",
	"load":        "load: ends without a result",
	"external_id": "External ID: Windlass doesn’t send it any more",
	"user":        "user: gets no credentials any more",
}

// StopsOf converts what stops for a page.
func StopsOf(stops []impact.Stop) []Stop {
	views := make([]Stop, len(stops))
	for n, s := range stops {
		views[n] = Stop{Icon: "circle-dot", Name: s.Name, Text: s.Kind}
		if icon := stopIcons[s.Kind]; icon != "" {
			views[n].Icon = icon
		}
		switch text := stopTexts[s.Kind]; {
		case s.Kind == "token" && s.LastUsed.IsZero():
			views[n].Text = "token: never used"
		case s.Kind == "token":
			views[n].Text = "token: last used " + s.LastUsed.UTC().Format("2 January 2006, 15:04") + " UTC"
		case text != "":
			views[n].Text = text
		}
	}
	return views
}
