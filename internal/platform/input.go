package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

// members has the members of a JSON object from a client. Handlers take the
// ones that they know; the rest is refused by name.
type members map[string]json.RawMessage

// readBody reads a JSON object.
func (p *Platform) readBody(w http.ResponseWriter, r *http.Request) (members, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, p.config.MaxBodyBytes))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, problem.New(problem.TooLarge, "The body has more than %d bytes, the maximum for this call.",
			over.Limit)
	}
	if err != nil {
		return nil, err
	}
	return parseMembers("body", text)
}

func parseMembers(name string, text []byte) (members, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var m members
	if err := decoder.Decode(&m); err != nil || m == nil || decoder.More() {
		return nil, problem.New(problem.Invalid, "The %s isn't a JSON object.", name).WithReason("invalid_body").
			WithHint("Send one object. With the stock client, pass data through JSON.stringify.")
	}
	return m, nil
}

// take decodes and removes the first of the named members that exists, and
// reports whether one does. A null counts as missing.
func (m members) take(into any, names ...string) (ok bool, err error) {
	for _, name := range names {
		text, found := m[name]
		if !found {
			continue
		}
		delete(m, name)
		if string(bytes.TrimSpace(text)) == "null" {
			return false, nil
		}
		if err := json.Unmarshal(text, into); err != nil {
			return false, problem.New(problem.Invalid, "The member %q of the body has the wrong type.", name).
				WithReason("invalid_body").WithFindings(problem.Finding{Path: name, Message: "has the wrong type"})
		}
		return true, nil
	}
	return false, nil
}

// taking is a sequence of takes. It keeps the first error.
type taking struct {
	members
	err error
}

// text takes a string, or returns "" if there is none.
func (t *taking) text(names ...string) (value string) {
	_, err := t.take(&value, names...)
	t.fail(err)
	return value
}

// optional takes a string, or returns nil if there is none.
func (t *taking) optional(names ...string) *string {
	var value string
	ok, err := t.take(&value, names...)
	t.fail(err)
	if !ok {
		return nil
	}
	return &value
}

// object takes an object, or returns nil if there is none.
func (t *taking) object(names ...string) members {
	var value members
	_, err := t.take(&value, names...)
	t.fail(err)
	return value
}

func (t *taking) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// end returns the first error, or an error for a member that wasn't taken.
// ignored has members of responses that clients send back.
func (t *taking) end(ignored ...string) error {
	if t.err != nil {
		return t.err
	}
	for _, name := range slices.Sorted(maps.Keys(t.members)) {
		if !slices.Contains(ignored, name) {
			return problem.New(problem.Invalid, "The body has the unknown member %q.", clip.To(name, 60)).
				WithReason("invalid_body").
				WithHint("Remove it, or check its spelling; docs/platform.md has the members of each call.").
				WithFindings(problem.Finding{Path: clip.To(name, 60), Message: "is unknown"})
		}
	}
	return nil
}

// CheckQuery refuses unknown and duplicate query parameters. Names ignore case.
func (route *Route) CheckQuery(r *http.Request) error {
	if route.Conditions {
		return nil // the service checks the columns
	}
	seen := map[string]bool{}
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		folded := strings.ToLower(name)
		if slices.Contains(delivery.IgnoredParameters, folded) {
			continue
		}
		if len(query[name]) > 1 || seen[folded] {
			return problem.New(problem.Invalid, "The parameter %s is given more than once.", clip.To(name, 60)).
				WithReason("repeated_parameter").WithHint("Send it once.")
		}
		seen[folded] = true
		if !slices.ContainsFunc(route.Query, func(p Parameter) bool { return strings.EqualFold(p.Name, name) }) {
			return problem.New(problem.Invalid, "There is no parameter %s.", clip.To(name, 60)).
				WithReason("unknown_parameter").WithHint("%s", route.parameterHint())
		}
	}
	return nil
}

func (route *Route) parameterHint() string {
	if len(route.Query) == 0 {
		return "This call accepts only token."
	}
	names := make([]string, len(route.Query))
	for i, p := range route.Query {
		names[i] = p.Name
	}
	return "There are " + strings.Join(names, ", ") + "."
}

// parameter returns a query parameter, ignoring the case of its name, or "".
func parameter(r *http.Request, name string) string {
	for given, values := range r.URL.Query() {
		if strings.EqualFold(given, name) {
			return values[0]
		}
	}
	return ""
}
