package page

import (
	"html/template"
	"regexp"
	"strings"
)

// jsonToken finds a JSON string, with the colon if it is a member's name.
var jsonToken = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"(\s*:)?`)

// highlight escapes a document and marks its words. JSON gets names and
// strings; "diff" gets added and removed lines; any other language is plain.
func highlight(language, text string) template.HTML {
	text = strings.TrimRight(text, "\n")
	switch language {
	case "json":
		return highlightJSON(text)
	case "diff":
		return highlightDiff(text)
	}
	return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
}

func highlightJSON(text string) template.HTML {
	var out strings.Builder
	last := 0
	for _, m := range jsonToken.FindAllStringSubmatchIndex(text, -1) {
		end, class := m[1], "s"
		if m[2] >= 0 {
			end, class = m[2], "k"
		}
		out.WriteString(template.HTMLEscapeString(text[last:m[0]]))
		out.WriteString(`<span class="` + class + `">` + template.HTMLEscapeString(text[m[0]:end]) + `</span>`)
		last = end
	}
	out.WriteString(template.HTMLEscapeString(text[last:]))
	return template.HTML(out.String()) //nolint:gosec // every part is escaped above
}

func highlightDiff(text string) template.HTML {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		escaped := template.HTMLEscapeString(line)
		switch {
		case strings.HasPrefix(line, "+"):
			escaped = "<ins>" + escaped + "</ins>"
		case strings.HasPrefix(line, "-"):
			escaped = "<del>" + escaped + "</del>"
		}
		lines[i] = escaped
	}
	return template.HTML(strings.Join(lines, "\n")) //nolint:gosec // every line is escaped above
}
