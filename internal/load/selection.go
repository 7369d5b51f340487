package load

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Selection is the objects of a replay or a backfill. Exactly one field is set.
type Selection struct {
	Keys     []string `json:"keys,omitempty"`
	Prefix   string   `json:"prefix,omitempty"`
	Modified *Range   `json:"modified,omitempty"` // when the object was written
	Loaded   *Range   `json:"loaded,omitempty"`   // when it was loaded; replays only
	Load     string   `json:"load,omitempty"`     // that loaded it, by ID; replays only
	All      bool     `json:"all,omitempty"`
}

// Range is a time range. A zero time leaves it open.
type Range struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"` // exclusive
}

func (r *Range) has(t time.Time) bool {
	return !t.Before(r.From) && (r.To.IsZero() || t.Before(r.To))
}

// The limits of a selection.
const (
	maxSelectedKeys = 1000
	maxKeyBytes     = 1024 // the limit of S3
)

// check validates the selection for a load of a kind.
func (s *Selection) check(kind Kind) error {
	var findings []problem.Finding
	add := func(path, format string, args ...any) {
		findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	given := 0
	for _, is := range []bool{
		len(s.Keys) > 0, s.Prefix != "", s.Modified != nil, s.Loaded != nil, s.Load != "", s.All,
	} {
		if is {
			given++
		}
	}
	if given != 1 {
		add("select", "must have exactly one of keys, prefix, modified, loaded, load or all")
	}
	if len(s.Keys) > maxSelectedKeys {
		add("select.keys", "has more than %d keys", maxSelectedKeys)
	}
	for i, key := range s.Keys[:min(len(s.Keys), maxSelectedKeys)] {
		if key == "" || len(key) > maxKeyBytes {
			add(fmt.Sprintf("select.keys[%d]", i), "must have 1 to %d bytes", maxKeyBytes)
		}
	}
	if len(s.Prefix) > maxKeyBytes {
		add("select.prefix", "has more than %d bytes", maxKeyBytes)
	}
	for path, r := range map[string]*Range{"select.modified": s.Modified, "select.loaded": s.Loaded} {
		if r != nil && !r.To.IsZero() && !r.From.Before(r.To) {
			add(path, "ends before it begins")
		}
	}
	if kind == Backfill && (s.Loaded != nil || s.Load != "") {
		add("select", "must be keys, prefix, modified or all for a backfill, which loads objects that aren't "+
			"loaded yet")
	}
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The load isn't valid: %s %s.", findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}

// prefix returns the common prefix of the selection's keys.
func (s *Selection) prefix() string {
	if len(s.Keys) == 0 {
		return s.Prefix
	}
	low, high := slices.Min(s.Keys), slices.Max(s.Keys)
	n := 0
	for n < len(low) && n < len(high) && low[n] == high[n] {
		n++
	}
	return low[:n]
}

// hasObject reports whether the selection may include an object with this key and
// modification time.
func (s *Selection) hasObject(key string, modified time.Time) bool {
	switch {
	case len(s.Keys) > 0:
		return slices.Contains(s.Keys, key)
	case s.Prefix != "":
		return strings.HasPrefix(key, s.Prefix)
	case s.Modified != nil:
		return s.Modified.has(modified)
	}
	return true
}

// hasEntry reports whether the selection includes the object of a ledger entry.
func (s *Selection) hasEntry(e *engine.LedgerEntry) bool {
	switch {
	case s.Loaded != nil:
		return e.Outcome == engine.Loaded && s.Loaded.has(e.Time)
	case s.Load != "":
		return e.LoadID == s.Load
	}
	return true
}

func (s *Selection) isZero() bool {
	return len(s.Keys) == 0 && s.Prefix == "" && s.Modified == nil && s.Loaded == nil && s.Load == "" && !s.All
}
