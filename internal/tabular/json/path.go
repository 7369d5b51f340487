package json

import (
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Path leads to the records of a document. The empty path is the document
// itself. An array at its end means its elements, an object itself.
type Path []step

// step is a step into an object or an array.
type step struct {
	name string // of a member
	each bool   // or each element of an array; an object counts as its only element
}

// ParsePath parses the supported part of JSONPath: "$", then ".name",
// "['name']" and "[*]".
func ParsePath(text string) (Path, error) {
	rest, found := strings.CutPrefix(strings.TrimSpace(text), "$")
	if !found {
		return nil, badPath(text, "it does not begin with $")
	}
	path := Path{}
	for rest != "" {
		var s step
		var why string
		switch {
		case strings.HasPrefix(rest, "[*]"):
			s.each, rest = true, rest[3:]
		case strings.HasPrefix(rest, "['"), strings.HasPrefix(rest, `["`):
			s.name, rest, why = quotedName(rest)
		case strings.HasPrefix(rest, ".."):
			why = "it has .., which goes down to any depth"
		case rest[0] == '.':
			s.name, rest, why = dottedName(rest[1:])
		default:
			why = "it has “" + rest + "”"
		}
		if why != "" {
			return nil, badPath(text, why)
		}
		path = append(path, s)
	}
	if len(path) > 100 {
		return nil, badPath(text, "it has more than 100 steps")
	}
	return path, nil
}

func badPath(text, why string) error {
	return problem.New(problem.Invalid, "The JSONPath %q is not known here: %s.", text, why).
		WithHint("Use $, then .name, ['name'] and [*], as in $.features[*].")
}

func dottedName(rest string) (name, after, why string) {
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	name = rest[:end]
	switch {
	case name == "":
		why = "it has a . without a name"
	case !plainName(name):
		why = "the name “" + name + "” needs quotes, as in ['" + name + "']"
	}
	return name, rest[end:], why
}

// quotedName reads ['name'] or ["name"], in which \ escapes the next
// character.
func quotedName(rest string) (name, after, why string) {
	quote := rest[1]
	var b strings.Builder
	for i := 2; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && i+1 < len(rest):
			i++
			b.WriteByte(rest[i])
		case rest[i] == quote:
			if !strings.HasPrefix(rest[i+1:], "]") {
				return "", "", "a name's quote is not followed by ]"
			}
			return b.String(), rest[i+2:], ""
		default:
			b.WriteByte(rest[i])
		}
	}
	return "", "", "a name's quotes do not close"
}

// plainName reports whether a name can follow a point in a path.
func plainName(name string) bool {
	return name != "" && !strings.ContainsAny(name, " \t\r\n.[]()'\"*?@$,:;=<>!&|+/\\#%")
}

// target is the path without the [*] at its end: an array at the end means its
// elements anyway.
func (p Path) target() Path {
	if n := len(p); n > 0 && p[n-1].each {
		return p[:n-1]
	}
	return p
}
