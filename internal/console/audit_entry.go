package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/audit"
)

// entryView is an entry.
type entryView struct {
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
func (e entryView) Chip() chip {
	switch audit.Outcome(e.Outcome) {
	case audit.Denied:
		return chip{"bad", "ban", "Denied"}
	case audit.Done:
		return chip{"calm", "circle-check", "Done"}
	case audit.Allowed:
	}
	return chip{"good", "check", "Allowed"}
}

func viewEntry(e audit.Entry, f auditFilter) entryView {
	v := entryView{
		Time: e.Time, Actor: e.Actor.Name, Kind: string(e.Actor.Kind), Address: e.Address,
		Action: e.Action, Resource: e.Resource.ID, Outcome: string(e.Outcome), Reason: e.Reason,
		RequestID: e.RequestID, AWSRequestIDs: e.AWSRequestIDs, Detail: e.Detail, Seq: e.Seq,
	}
	if v.Actor == "" {
		v.Actor = e.Actor.ID
	}
	if e.Actor.ID != "" {
		v.ActorPath = f.query("actor", e.Actor.ID)
	}
	if e.Resource.ID == "" {
		v.Resource = e.Resource.Kind
	} else {
		v.ResourcePath = f.query("resource", e.Resource.ID)
	}
	return v
}
