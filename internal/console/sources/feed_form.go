package sources

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// feedFields are the settings of a feed: how rows are loaded.
var feedFields = []field{
	{
		Name: "feed.duplicates", Label: "When a row already exists", Kind: choiceField,
		Options: options("ignore: Keep the existing row", "replace: Keep the new row"),
		Hint:    "By the dataset's unique index.",
	},
	{
		Name: "feed.overwritten", Label: "When an object is overwritten", Kind: choiceField,
		Options: options("default: Replace its rows, or append with a unique index", "replace: Replace its rows",
			"append: Append its rows", "ignore: Ignore the new version"),
	},
	{
		Name: "feed.deleted", Label: "When an object is deleted", Kind: choiceField,
		Options: options("keep: Keep its rows", "remove: Remove its rows"),
	},
	{
		Name: "feed.max_deleted_percent", Label: "Fail over this percentage of deleted objects", Kind: codeField,
		Hint: "If at least 10 are deleted.",
	},
	{
		Name: "feed.max_rejected", Label: "Fail a load over so many rejected rows", Kind: codeField,
		Placeholder: "Any number",
	},
	{
		Name: "feed.max_rejected_percent", Label: "Fail an object at this percentage of rejected rows", Kind: codeField,
	},
	{Name: "feed.objects_at_once", Label: "Objects read at once", Kind: codeField, Hint: "1 to 64."},
	{
		Name: "feed.order", Label: "Order", Kind: choiceField,
		Options: options("oldest: Oldest objects first", "newest: Newest objects first"),
	},
}

// driftFields has the settings for objects that differ from the schema.
var driftFields = []field{
	{
		Name: "feed.drift.new", Label: "A new column", Kind: choiceField,
		Options: options("add: Add it", "note: Ignore it with a note", "fail: Fail the load"),
	},
	{
		Name: "feed.drift.missing", Label: "A missing column", Kind: choiceField,
		Options: options("null: Use null", "fail: Fail the load"),
	},
	{
		Name: "feed.drift.changed", Label: "Values that don’t fit a guessed type", Kind: choiceField,
		Options: options("widen: Widen the column", "reject: Reject the rows", "fail: Fail the load"),
	},
}

// columnFields are which columns the rows have.
var columnFields = []field{
	{
		Name: "feed.columns", Label: "Columns to select, rename or declare", Kind: areaField,
		Placeholder: "from=Customer Name,name=customer,type=string",
		Hint:        "One per line; also format=DD.MM.YYYY, and from=$.a.b[0] for a value inside JSON.",
	},
	{
		Name: "feed.rest", Label: "Other columns", Kind: choiceField,
		Options: options("keep: Keep them", "drop: Drop them"),
	},
	{
		Name: "feed.metadata", Label: "Origin of each row", Kind: codeField, Placeholder: "object_key, row_number",
		Hint: "object_key, row_number, last_modified, load_time, etag; etag=version names one.",
	},
	{
		Name: "feed.partitions", Label: "Columns from name=value in keys", Kind: codeField,
		Hint: "auto, off, or names such as dt, hour.",
	},
}

// timeFields has the settings for when a source is loaded.
var timeFields = []field{
	{
		Name: "when", Label: "Load", Kind: choiceField,
		Options: options("manual: Only by hand", "cron: At fixed times", "every: At an interval"),
	},
	{
		Name: "schedule.cron", Label: "Cron expression", Kind: codeField, Placeholder: "0 6 * * 1-5",
		Hint: "Minute, hour, day, month, weekday.",
	},
	{Name: "schedule.time_zone", Label: "Time zone", Kind: textField, Placeholder: "Europe/Berlin"},
	{Name: "schedule.every", Label: "Interval", Kind: codeField, Placeholder: "15m", Hint: "A number and m, h or d."},
}

// timePresets are the fields of a new source's schedule.
func timePresets() url.Values {
	return url.Values{
		"when": {"manual"}, "schedule.cron": {"0 6 * * *"}, "schedule.time_zone": {"UTC"}, "schedule.every": {"15m"},
	}
}

// feedValues returns the fields of a feed's settings.
func feedValues(s *feed.Settings) url.Values {
	v := url.Values{}
	set := func(name, value string) { v.Set("feed."+name, value) }
	set("duplicates", string(s.Duplicates))
	set("overwritten", string(s.Overwritten))
	set("deleted", string(s.Deleted))
	set("max_deleted_percent", strconv.Itoa(s.MaxDeletedPercent))
	if s.MaxRejected >= 0 {
		set("max_rejected", strconv.FormatInt(s.MaxRejected, 10))
	}
	set("max_rejected_percent", strconv.Itoa(s.MaxRejectedPercent))
	set("objects_at_once", strconv.Itoa(s.ObjectsAtOnce))
	set("order", string(s.Order))
	set("drift.new", string(s.Drift.New))
	set("drift.missing", string(s.Drift.Missing))
	set("drift.changed", string(s.Drift.Changed))
	var columns, metadata []string
	for i := range s.Columns.Columns {
		columns = append(columns, s.Columns.Columns[i].String())
	}
	for _, m := range s.Metadata {
		text := string(m.Name)
		if m.As != "" {
			text += "=" + m.As
		}
		metadata = append(metadata, text)
	}
	set("columns", strings.Join(columns, "\n"))
	set("rest", string(s.Rest))
	set("metadata", strings.Join(metadata, ", "))
	set("partitions", string(s.Partitions.Mode))
	if len(s.Partitions.Names) > 0 {
		set("partitions", strings.Join(s.Partitions.Names, ", "))
	}
	return v
}

// feedChange returns the settings of a feed that the fields describe.
func (r *reading) feedChange() feed.Change {
	change := feed.Change{
		Duplicates:         given[engine.Duplicates](r, "feed.duplicates"),
		Overwritten:        given[feed.Overwritten](r, "feed.overwritten"),
		Deleted:            given[feed.Deleted](r, "feed.deleted"),
		MaxDeletedPercent:  r.number("feed.max_deleted_percent"),
		MaxRejectedPercent: r.number("feed.max_rejected_percent"),
		ObjectsAtOnce:      r.number("feed.objects_at_once"),
		Order:              given[feed.Order](r, "feed.order"),
		Drift: feed.DriftChange{
			New: given[feed.OnNew](r, "feed.drift.new"), Missing: given[feed.OnMissing](r, "feed.drift.missing"),
			Changed: given[feed.OnChanged](r, "feed.drift.changed"),
		},
		Rest: given[shape.Rest](r, "feed.rest"),
	}
	most := int64(-1)
	if n := r.number("feed.max_rejected"); n != nil {
		if most = int64(*n); most < 0 {
			r.fault("feed.max_rejected", "is negative")
		}
	}
	change.MaxRejected = &most
	columns, metadata := []shape.Column{}, []shape.Metadata{}
	for _, line := range page.Lines(r.text("feed.columns")) {
		column, err := shape.ParseColumn(line)
		if err != nil {
			r.fault("feed.columns", err.Error())
		}
		columns = append(columns, column)
	}
	for _, text := range words(r.text("feed.metadata")) {
		name, as, _ := strings.Cut(text, "=")
		metadata = append(metadata, shape.Metadata{Name: shape.Field(name), As: as})
	}
	change.Columns, change.Metadata = &columns, &metadata
	partitions := shape.Partitions{Mode: shape.Auto}
	switch text := r.text("feed.partitions"); text {
	case "", string(shape.Auto):
	case string(shape.Off):
		partitions.Mode = shape.Off
	default:
		partitions = shape.Partitions{Mode: shape.Named, Names: words(text)}
	}
	change.Partitions = &partitions
	return change
}

// given returns a choice; nil: the field is empty.
func given[T ~string](r *reading, name string) *T {
	text := T(r.text(name))
	if text == "" {
		return nil
	}
	return &text
}

// words returns the parts of a list that is separated by commas.
func words(text string) []string {
	return page.Lines(strings.ReplaceAll(text, ",", "\n"))
}

// schedule returns the schedule that the fields describe; nil: there is none.
func (r *reading) schedule() *schedule.Draft {
	draft := schedule.Draft{Settings: schedule.Settings{TimeZone: r.text("schedule.time_zone")}}
	switch r.text("when") {
	case "cron":
		if draft.Cron = r.text("schedule.cron"); draft.Cron == "" {
			r.fault("schedule.cron", "is missing; write, for example, 0 6 * * 1-5")
		}
	case "every":
		every, err := schedule.ParseEvery(r.text("schedule.every"))
		switch {
		case err != nil:
			r.fault("schedule.every", err.Error())
		case every == 0:
			r.fault("schedule.every", "is missing; write, for example, 15m")
		}
		draft.Every, draft.TimeZone = every, ""
	default:
		return nil
	}
	return &draft
}

// feedPath returns the field of a finding about a feed: columns[0].name is feed.columns.
func feedPath(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "feed."), "[")
	return "feed." + name
}
