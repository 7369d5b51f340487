// Package impact describes what a destructive action stops and deletes, and
// checks the confirmation that it needs.
//
//	GET {thing}/impact          an [Impact]
//	DELETE {thing}              409 with the Impact, unless it is [Impact.Harmless]
//	DELETE {thing}?confirm=NAME done, if NAME is [Impact.Confirm]
//
// The service that owns the thing computes the impact and checks the
// confirmation; the API, the console and the command line carry both.
package impact

import (
	"fmt"
	"strings"
	"time"
)

// Impact describes what a destructive action does to other resources.
type Impact struct {
	Confirm string  `json:"confirm"        doc:"The name to send as confirm."`
	Stops   []Stop  `json:"stops"          doc:"What stops working."`
	Deletes Deletes `json:"deletes"        doc:"What is deleted with it."`
	Undo    string  `json:"undo,omitempty" doc:"How long you can undo it, such as 24h; absent if you can't."`
}

// Stop is one thing that stops working.
type Stop struct {
	Kind     string    `json:"kind"               doc:"dataset, external_id, grant, load, provider, schedule, source, token, user or view."`
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	LastUsed time.Time `json:"last_used,omitzero" doc:"For a token: when it was last used; absent if never."`
}

// Deletes counts what is deleted.
type Deletes struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes" doc:"An estimate."`
}

// Undo is how long a removed integration or dataset can be restored.
const (
	UndoFor = 24 * time.Hour
	Undo    = "24h" // UndoFor, as [Impact.Undo] spells it
)

// Harmless reports whether nothing stops and nothing is deleted. Such an
// action needs no confirmation.
func (i *Impact) Harmless() bool { return len(i.Stops) == 0 && i.Deletes == Deletes{} }

// Summary returns in one sentence what stops and what is deleted: "1 source and 2
// grants stop, and 1,200 rows are deleted." It is empty for a harmless action.
func (i *Impact) Summary() string {
	var parts []string
	if counts := i.counts(); len(counts) > 0 {
		verb := "stop"
		if len(i.Stops) == 1 {
			verb = "stops"
		}
		parts = append(parts, join(counts)+" "+verb)
	}
	if i.Deletes != (Deletes{}) {
		verb := "are"
		if i.Deletes.Rows == 1 {
			verb = "is"
		}
		parts = append(parts, counted(i.Deletes.Rows, "row")+" "+verb+" deleted")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", and ") + "."
}

// counts counts the things that stop by kind, in the order in which the kinds
// appear: "1 source", "2 grants".
func (i *Impact) counts() []string {
	var kinds []string
	numbers := map[string]int64{}
	for _, s := range i.Stops {
		if numbers[s.Kind]++; numbers[s.Kind] == 1 {
			kinds = append(kinds, s.Kind)
		}
	}
	for n, kind := range kinds {
		kinds[n] = counted(numbers[kind], Noun(kind))
	}
	return kinds
}

// Noun returns the word for a kind of thing: "External ID" for external_id.
func Noun(kind string) string {
	if kind == "external_id" {
		return "External ID"
	}
	return kind
}

func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// grouped writes a count with commas between groups of three digits.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// join joins "a", "b" and "c" to "a, b and c".
func join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
