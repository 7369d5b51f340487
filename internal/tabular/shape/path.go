package shape

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path is a JSONPath to at most one value: names and indexes only.
//
// https://www.rfc-editor.org/rfc/rfc9535#name-singular-queries
type Path []Step

// Step is a step into an object or an array.
type Step struct {
	Name    string // of a member
	IsIndex bool
	Index   int // of an element; negative: from the end
}

const maxSteps = 32

// ParsePath parses a path: $, then .name, ['name'] and [0].
func ParsePath(text string) (Path, error) {
	rest, found := strings.CutPrefix(text, "$")
	if !found || rest == "" {
		return nil, errors.New("is no JSONPath to one value: use $, then .name, ['name'] and [0]")
	}
	var path Path
	for rest != "" {
		var step Step
		var ok bool
		if step, rest, ok = nextStep(rest); !ok || len(path) == maxSteps {
			return nil, fmt.Errorf("is no JSONPath to one value at %q: use $, then .name, ['name'] and [0]", rest)
		}
		path = append(path, step)
	}
	return path, nil
}

func nextStep(rest string) (step Step, after string, ok bool) {
	switch {
	case strings.HasPrefix(rest, "['"), strings.HasPrefix(rest, `["`):
		return quotedStep(rest)
	case rest[0] == '[':
		digits, after, closed := strings.Cut(rest[1:], "]")
		index, err := strconv.ParseInt(digits, 10, 32)
		if !closed || err != nil || strconv.FormatInt(index, 10) != digits {
			return Step{}, rest, false
		}
		return Step{IsIndex: true, Index: int(index)}, after, true
	case rest[0] == '.':
		name := rest[1:]
		if end := strings.IndexAny(name, ".["); end >= 0 {
			name = name[:end]
		}
		if name == "" || strings.ContainsAny(name, " \t\r\n]()'\"*?@$,:;=<>!&|+/\\#%") {
			return Step{}, rest, false
		}
		return Step{Name: name}, rest[1+len(name):], true
	}
	return Step{}, rest, false
}

// quotedStep parses ['name'], in which \ escapes the next character.
func quotedStep(rest string) (step Step, after string, ok bool) {
	var name strings.Builder
	for i := 2; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && i+1 < len(rest):
			i++
			name.WriteByte(rest[i])
		case rest[i] == rest[1]:
			after, ok = strings.CutPrefix(rest[i+1:], "]")
			return Step{Name: name.String()}, after, ok
		default:
			name.WriteByte(rest[i])
		}
	}
	return Step{}, rest, false
}
