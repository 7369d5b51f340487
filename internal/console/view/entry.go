package view

import (
	"time"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console/page"
)

// Entry is an entry.
type Entry struct {
	Time                            time.Time
	Actor, Kind, Address, ActorPath string
	Action, Resource, ResourcePath  string
	Outcome                         string // "allowed", "denied" or "done"
	Reason, RequestID               string
	AWSRequestIDs                   []string
	Detail                          map[string]string
	Seq                             int64
}

// Chip returns the chip that shows the outcome.
func (e Entry) Chip() page.Chip {
	switch audit.Outcome(e.Outcome) {
	case audit.Denied:
		return page.Chip{Tone: "bad", Icon: "ban", Label: "Denied"}
	case audit.Done:
		return page.Chip{Tone: "calm", Icon: "circle-check", Label: "Done"}
	case audit.Allowed:
	}
	return page.Chip{Tone: "good", Icon: "check", Label: "Allowed"}
}

// EntryOf returns an entry as a page shows it; f is the filter that its links
// narrow.
func EntryOf(e audit.Entry, f AuditFilter) Entry {
	v := Entry{
		Time: e.Time, Actor: e.Actor.Name, Kind: string(e.Actor.Kind), Address: e.Address,
		Action: e.Action, Resource: e.Resource.ID, Outcome: string(e.Outcome), Reason: e.Reason,
		RequestID: e.RequestID, AWSRequestIDs: e.AWSRequestIDs, Detail: e.Detail, Seq: e.Seq,
	}
	if v.Actor == "" {
		v.Actor = e.Actor.ID
	}
	if e.Actor.ID != "" {
		v.ActorPath = f.Query("actor", e.Actor.ID)
	}
	if e.Resource.ID == "" {
		v.Resource = e.Resource.Kind
	} else {
		v.ResourcePath = f.Query("resource", e.Resource.ID)
	}
	return v
}
