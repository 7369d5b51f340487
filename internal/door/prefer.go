package door

import (
	"net/http"
	"strings"
)

// Preference returns the value of a preference of the client (RFC 7240). ok is
// false without it; the first one of a name counts.
func Preference(r *http.Request, name string) (value string, ok bool) {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Prefer"), ","), ",") {
		part, _, _ = strings.Cut(part, ";")
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`), true
		}
	}
	return "", false
}

// Prefers reports whether a preference of the client has a value.
func Prefers(r *http.Request, name, value string) bool {
	given, ok := Preference(r, name)
	return ok && given == value
}
