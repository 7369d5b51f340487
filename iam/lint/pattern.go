package lint

import "strings"

// covers reports whether the first pattern matches every text that the second
// matches. "*" and "?" are wildcards in both. For patterns with several stars
// it can return false although true is right, but never the other way around.
func covers(wide, narrow string) bool {
	star, mark := -1, 0
	i, p := 0, 0
	for i < len(narrow) {
		switch {
		case p < len(wide) && wide[p] == '*':
			star, mark = p, i
			p++
		case p < len(wide) && narrow[i] != '*' && (wide[p] == '?' || wide[p] == narrow[i]):
			i++
			p++
		case star >= 0:
			mark++
			i, p = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(wide[p:], "*") == ""
}

// wildcards reports whether a text has a wildcard.
func wildcards(text string) bool { return strings.ContainsAny(text, "*?") }

// plain removes the escapes ${*}, ${?} and ${$} from a text, so that every
// remaining "*" and "?" is a wildcard.
func plain(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return strings.NewReplacer("${*}", "\x01", "${?}", "\x01", "${$}", "\x01").Replace(text)
}

// starred replaces every policy variable and escape with "*".
func starred(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	var out strings.Builder
	for {
		begin := strings.Index(text, "${")
		if begin < 0 {
			break
		}
		end := strings.IndexByte(text[begin:], '}')
		if end < 0 {
			break
		}
		out.WriteString(text[:begin])
		out.WriteByte('*')
		text = text[begin+end+1:]
	}
	return out.String() + text
}
