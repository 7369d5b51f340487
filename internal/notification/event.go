package notification

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/schedule"
)

const (
	maxListed = 20  // objects, columns or fire times that an event names
	maxText   = 300 // bytes of a text in an event
)

func short(s string) string { return clip.To(s, maxText) }

func newEvent(workspace string, t Type, subject, ref string, at time.Time, content Content) Event {
	return Event{
		ID: id.New("evt", at), Workspace: workspace, Type: t, Subject: subject, Ref: ref, At: at, Content: content,
	}
}

// OfLoad returns the event of a load that ended. recovered makes it the event of the
// first success after a failure.
func OfLoad(l *load.Load, recovered bool) Event {
	t, verb := LoadSucceeded, "succeeded"
	switch {
	case l.State == load.Failed:
		t, verb = LoadFailed, "failed"
	case l.State == load.Cancelled:
		t, verb = LoadCancelled, "was cancelled"
	case l.Outcome == load.Partial:
		t, verb = LoadPartial, "left objects out"
	case recovered:
		t, verb = LoadRecovered, "works again"
	}
	fault := short(l.Fault)
	if l.Code == load.CodeDrift { // its fault has a value
		fault = "Objects differ from the schema of the dataset, and the feed is set to fail on drift."
	}
	object := map[string]any{
		"id": l.ID, "kind": string(l.Kind), "state": string(l.State), "source": l.SourceID, "dataset": l.Dataset,
		"objects": l.Progress.Objects, "rows": l.Progress.Rows, "rejected": l.Progress.Rejected,
	}
	var detail []string
	for name, value := range map[string]string{
		"feed": l.FeedID, "outcome": string(l.Outcome), "code": l.Code, "reason": fault, "hint": short(l.Hint),
		"made_by": l.By,
	} {
		if value != "" {
			object[name] = value
		}
	}
	if fault != "" {
		detail = append(detail, fault)
	}
	if l.Hint != "" {
		detail = append(detail, short(l.Hint))
	}
	if l.State == load.Loaded {
		detail = append(detail, counted(l.Progress.Rows, "row")+" loaded, "+
			strconv.FormatInt(l.Progress.Rejected, 10)+" rejected.")
	}
	if n := len(l.Problems); n > 0 {
		object["failed_objects"] = n
		detail = append(detail, counted(int64(n), "object")+" couldn't be loaded:")
	}
	var problems []map[string]any
	for i, p := range l.Problems {
		if i == maxListed {
			break
		}
		problems = append(problems, map[string]any{"key": short(p.Key), "code": p.Code, "retryable": p.Retryable})
		detail = append(detail, short(p.Key)+": "+strings.ReplaceAll(p.Code, "_", " "))
	}
	if problems != nil {
		object["problems"] = problems
	}
	return newEvent(l.Workspace, t, "dataset:"+strings.ToLower(l.Dataset), l.ID, l.EndedAt, Content{
		Dataset: l.Dataset, Title: "Load of " + l.Dataset + " " + verb, Detail: detail, Path: "/loads/" + l.ID,
		Name: "load", Object: object,
	})
}

// counted returns a number with its noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}

// OfDrift returns the event of the drift that a load found in a dataset.
func OfDrift(workspace, name string, found []dataset.Drift) Event {
	var columns []map[string]any
	var detail []string
	for i := range found {
		if i == maxListed {
			detail = append(detail, "And "+strconv.Itoa(len(found)-i)+" more.")
			break
		}
		d := &found[i]
		columns = append(columns, map[string]any{
			"kind": string(d.Kind), "column": short(d.Column), "from": d.From, "to": d.To, "rows": d.Rows,
			"outcome": string(d.Outcome),
		})
		detail = append(detail, short(d.Column)+": "+strings.ReplaceAll(string(d.Kind), "_", " "))
	}
	first := &found[0]
	return newEvent(workspace, DriftDetected, "dataset:"+strings.ToLower(name), first.LoadID, first.At, Content{
		Dataset: name, Title: "The objects of " + name + " differ from its schema", Detail: detail,
		Path: "/datasets/" + first.DatasetID, Name: "drift",
		Object: map[string]any{"dataset": name, "load": first.LoadID, "count": len(found), "columns": columns},
	})
}

// OfSchemaChange returns the event of a changed schema.
func OfSchemaChange(
	workspace, changeID, datasetID, name, by string,
	version int64,
	operations int,
	at time.Time,
) Event {
	return newEvent(workspace, SchemaChanged, "dataset:"+strings.ToLower(name), changeID, at, Content{
		Dataset: name, Title: "The schema of " + name + " was changed", Path: "/datasets/" + datasetID,
		Detail: []string{
			counted(int64(operations), "operation") + ". It has version " + strconv.FormatInt(version, 10) + ".",
		},
		Name: "schema", Object: map[string]any{
			"change": changeID, "dataset": name, "version": version, "operations": operations, "made_by": by,
		},
	})
}

// OfRuns returns the events of the fire times of a schedule that started no load: one
// for those that were missed or failed, one for those that were skipped.
func OfRuns(s *schedule.Schedule, runs []schedule.Run) []Event {
	var missed, skipped []schedule.Run
	for _, r := range runs {
		switch r.State {
		case schedule.Missed, schedule.Failed:
			missed = append(missed, r)
		case schedule.Skipped:
			skipped = append(skipped, r)
		case schedule.Started, schedule.Merged, schedule.Manual:
		}
	}
	var events []Event
	if len(missed) > 0 {
		events = append(events, ofRuns(s, ScheduleMissed, "missed", missed))
	}
	if len(skipped) > 0 {
		events = append(events, ofRuns(s, ScheduleSkipped, "skipped", skipped))
	}
	return events
}

func ofRuns(s *schedule.Schedule, t Type, verb string, runs []schedule.Run) Event {
	first, last := runs[0], runs[0]
	for _, r := range runs {
		if r.FireAt.Before(first.FireAt) {
			first = r
		}
		if r.FireAt.After(last.FireAt) {
			last = r
		}
	}
	span := "The fire time was " + first.FireAt.UTC().Format(time.RFC3339) + "."
	if len(runs) > 1 {
		span = fmt.Sprintf("The fire times were from %s to %s.", first.FireAt.UTC().Format(time.RFC3339),
			last.FireAt.UTC().Format(time.RFC3339))
	}
	detail := []string{span}
	object := map[string]any{
		"id": s.ID, "name": s.Name, "source": s.SourceID, "dataset": s.Dataset, "fire_times": len(runs),
		"first": first.FireAt.UTC(), "last": last.FireAt.UTC(),
	}
	if last.Reason != "" {
		object["reason"] = short(last.Reason)
		detail = append(detail, short(last.Reason))
	}
	return newEvent(
		s.Workspace,
		t,
		"schedule:"+s.ID,
		s.ID+"/"+strconv.FormatInt(last.FireAt.UnixMicro(), 10),
		last.At,
		Content{
			Dataset: s.Dataset,
			Title:   "Schedule " + s.Name + " " + verb + " " + counted(int64(len(runs)), "run"), Detail: detail,
			Path: "/schedules/" + s.ID, Name: "schedule", Object: object,
		},
	)
}

// OfIntegration returns the event of an integration whose state changed. ok is false
// if the change needs no notification. last is the type of its last event.
func OfIntegration(was, is *integration.Integration, last Type, at time.Time) (e Event, ok bool) {
	before, now := was.Overall().State, is.Overall()
	var t Type
	var verb string
	switch {
	case now.State == before:
		return Event{}, false
	case now.State == integration.Insecure:
		t, verb = IntegrationInsecure, "is insecure"
	case now.State == integration.Failing && before != integration.Insecure && last != IntegrationFailing &&
		!is.VerifiedAt.IsZero():
		t, verb = IntegrationFailing, "stopped working"
	case now.State == integration.Verified && (last == IntegrationFailing || last == IntegrationInsecure):
		t, verb = IntegrationRecovered, "works again"
	default:
		return Event{}, false
	}
	object := map[string]any{"id": is.ID, "name": is.Name, "state": string(now.State), "was": string(before)}
	var detail []string
	if now.Reason != "" {
		object["reason"] = short(now.Reason)
		detail = append(detail, short(now.Reason))
	}
	return newEvent(is.Workspace, t, "integration:"+is.ID, is.ID+"/"+strconv.FormatInt(is.Version, 10), at, Content{
		Title: "Integration " + is.Name + " " + verb, Detail: detail, Path: "/sources/integrations/" + is.ID,
		Name: "integration", Object: object,
	}), true
}

// Missed reports what a reconciling list found.
type Missed struct {
	Workspace, SourceID, SourceName, ListID string
	Count                                   int64
	Keys                                    []string
	At                                      time.Time
}

// OfMissed returns the event of objects that bucket events missed.
func OfMissed(m *Missed) Event {
	keys := make([]string, 0, maxListed)
	for _, key := range m.Keys[:min(len(m.Keys), maxListed)] {
		keys = append(keys, short(key))
	}
	return newEvent(m.Workspace, EventsMissed, "source:"+m.SourceID, m.ListID, m.At, Content{
		Title: "Bucket events of " + m.SourceName + " missed " + counted(m.Count, "object"),
		Detail: []string{
			"A list of the bucket found them, and they are loaded as usual. Check the source's queue.",
		},
		Path: "/sources/data/" + m.SourceID, Name: "source",
		Object: map[string]any{"id": m.SourceID, "name": m.SourceName, "missed": m.Count, "keys": keys},
	})
}

// ofDestination returns an event about a destination itself.
func ofDestination(d *Destination, t Type, title string, at time.Time, detail ...string) Event {
	e := newEvent(d.Workspace, t, "notification:"+d.ID, "", at, Content{
		Title: title, Detail: detail, Path: "/notifications/" + d.ID, Name: "notification",
		Object: map[string]any{"id": d.ID, "name": d.Name, "kind": string(d.Kind)},
	})
	e.Ref = e.ID
	return e
}
