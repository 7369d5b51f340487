package statement

import (
	"strings"

	"github.com/windlass-io/windlass/internal/engine/sql"
)

// place is the position of a parameter in a statement.
type place struct {
	name     string // in lower case
	from, to int
}

// places returns the parameters "$name" of a statement, outside of texts, names in
// quotes and comments.
func places(text string) []place {
	var found []place
	for at := 0; at < len(text); {
		rest := text[at:]
		switch c := text[at]; {
		case c == '\'' && at > 0 && (text[at-1] == 'e' || text[at-1] == 'E') && (at == 1 || !isWord(text[at-2])):
			at = endOfEscaped(text, at)
		case c == '\'' || c == '"':
			at = endOfQuoted(text, at, c)
		case strings.HasPrefix(rest, "--"):
			at = endOfLine(text, at)
		case strings.HasPrefix(rest, "/*"):
			at = endOfComment(text, at)
		case c == '$' && (at == 0 || !isWord(text[at-1])):
			p, end := parameterOrText(text, at)
			if p.name != "" {
				found = append(found, p)
			}
			at = end
		default:
			at++
		}
	}
	return found
}

// parameterOrText returns the parameter at a dollar sign, or the end of a
// dollar-quoted text.
func parameterOrText(text string, at int) (p place, end int) {
	end = at + 1
	for end < len(text) && isWord(text[end]) && text[end] != '$' {
		end++
	}
	if end < len(text) && text[end] == '$' { // $tag$ text $tag$
		tag := text[at : end+1]
		closing := strings.Index(text[end+1:], tag)
		if closing < 0 {
			return place{}, len(text)
		}
		return place{}, end + 1 + closing + len(tag)
	}
	if end == at+1 {
		return place{}, end
	}
	return place{fold(text[at+1 : end]), at, end}, end
}

func endOfQuoted(text string, at int, quote byte) int {
	for at++; at < len(text); at++ {
		if text[at] != quote {
			continue
		}
		if at+1 < len(text) && text[at+1] == quote {
			at++
			continue
		}
		return at + 1
	}
	return len(text)
}

// endOfEscaped ends a text with escapes, E'…'.
func endOfEscaped(text string, at int) int {
	for at++; at < len(text); at++ {
		switch {
		case text[at] == '\\':
			at++
		case text[at] == '\'' && at+1 < len(text) && text[at+1] == '\'':
			at++
		case text[at] == '\'':
			return at + 1
		}
	}
	return len(text)
}

func endOfLine(text string, at int) int {
	if n := strings.IndexAny(text[at:], "\r\n"); n >= 0 {
		return at + n
	}
	return len(text)
}

// endOfComment ends a comment, which may have comments in it.
func endOfComment(text string, at int) int {
	depth := 0
	for at < len(text) {
		switch {
		case strings.HasPrefix(text[at:], "/*"):
			depth++
			at += 2
		case strings.HasPrefix(text[at:], "*/"):
			depth--
			at += 2
			if depth == 0 {
				return at
			}
		default:
			at++
		}
	}
	return len(text)
}

// Spans returns a statement's tables with the positions of their names. A table
// has no position if it is unknown or the text has something else there.
func Spans(text string, tables []sql.Table) []sql.Table {
	for i := range tables {
		t := &tables[i]
		if t.From, t.To = -1, -1; t.Offset < 0 || t.Offset >= len(text) {
			continue
		}
		if from, to, name := nameAt(text, t.Offset); fold(name) == fold(t.Name) {
			t.From, t.To = from, to
		}
	}
	return tables
}

// nameAt returns the last part of the dotted name at an offset.
func nameAt(text string, at int) (start, end int, name string) {
	for {
		start = at
		if text[at] == '"' {
			end = endOfQuoted(text, at, '"')
			name = strings.ReplaceAll(strings.TrimSuffix(text[at+1:end], `"`), `""`, `"`)
		} else {
			for end = at; end < len(text) && isWord(text[end]); {
				end++
			}
			name = text[at:end]
		}
		next := skip(text, end)
		if name == "" || next >= len(text) || text[next] != '.' {
			return start, end, name
		}
		if at = skip(text, next+1); at >= len(text) {
			return start, end, ""
		}
	}
}
