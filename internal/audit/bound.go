package audit

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/access"
)

// The limits of an entry, in bytes and items. Longer values are truncated,
// because rejecting an entry would let a caller act without a record or not
// at all.
const (
	maxName   = 256
	maxReason = 1024
	maxItems  = 32
)

// bounded returns e with every text truncated to its limit, without characters
// that a database or a line of JSON can't store.
func bounded(e Entry) Entry {
	e.Workspace = clean(e.Workspace, maxName)
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	e.Actor = Actor{
		Kind: access.Kind(clean(string(e.Actor.Kind), maxName)), ID: clean(e.Actor.ID, maxName),
		Name: clean(e.Actor.Name, maxName),
	}
	e.Action = clean(e.Action, maxName)
	e.Resource = Resource{
		Workspace: clean(e.Resource.Workspace, maxName), Kind: clean(e.Resource.Kind, maxName),
		ID: clean(e.Resource.ID, maxName),
	}
	e.Reason = clean(e.Reason, maxReason)
	e.RequestID = clean(e.RequestID, maxName)
	e.Address = clean(e.Address, maxName)
	e.AWSRequestIDs = cleanList(e.AWSRequestIDs)
	e.Detail = cleanMap(e.Detail)
	return e
}

// clean truncates s to at most n bytes at a character boundary, and replaces
// NUL and bytes that aren't UTF-8 with U+FFFD.
func clean(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func cleanList(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, min(len(list), maxItems))
	for i := range out {
		out[i] = clean(list[i], maxName)
	}
	return out
}

func cleanMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, min(len(m), maxItems))
	for _, k := range sortedKeys(m) {
		if len(out) == maxItems {
			break
		}
		out[clean(k, maxName)] = clean(m[k], maxReason)
	}
	return out
}
