package door

import (
	"net/http"
	"strconv"
	"strings"
	"time"
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

// maxWait is the longest time that a client can make the service wait.
const maxWait = time.Minute

// Wait returns how long the client prefers to wait for the response (RFC 7240, section
// 4.3), at most a minute, and the preference for Preference-Applied. The preference is
// "" if there is none or it isn't a number of seconds.
func Wait(r *http.Request) (wait time.Duration, applied string) {
	text, ok := Preference(r, "wait")
	seconds, err := strconv.ParseUint(text, 10, 32)
	if !ok || err != nil {
		return 0, ""
	}
	wait = min(time.Duration(seconds)*time.Second, maxWait)
	return wait, "wait=" + strconv.Itoa(int(wait/time.Second))
}

// Prefers reports whether a preference of the client has a value.
func Prefers(r *http.Request, name, value string) bool {
	given, ok := Preference(r, name)
	return ok && given == value
}
