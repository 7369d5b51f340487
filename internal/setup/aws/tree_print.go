package aws

import (
	"slices"
	"strings"
)

// scalar returns a string or literal as JSON.
func (t *tree) scalar() string {
	if t.kind == literalTree {
		return t.text
	}
	return quote(t.text)
}

// JSON returns the tree with one value per line. Every line but the first
// begins with the indent.
func (t *tree) JSON(indent string) string {
	inner := indent + "  "
	var lines []string
	for i := range t.members {
		lines = append(lines, inner+quote(t.members[i].name)+": "+t.members[i].value.JSON(inner))
	}
	for i := range t.items {
		lines = append(lines, inner+t.items[i].JSON(inner))
	}
	body := strings.Join(lines, ",\n")
	if body != "" {
		body = "\n" + body + "\n" + indent
	}
	switch t.kind {
	case objectTree:
		return "{" + body + "}"
	case arrayTree:
		return "[" + body + "]"
	case stringTree, literalTree:
	}
	return t.scalar()
}

// YAML returns an object's members or an array's items, one per line, in
// YAML's block style. Every string is double-quoted, which YAML parses like
// JSON, so that nothing in a policy becomes a date, a number or a tag.
func (t *tree) YAML(indent string) string {
	var out strings.Builder
	for i := range t.members {
		out.WriteString(indent + yamlName(t.members[i].name) + ":" + t.members[i].value.yamlValue(indent+"  "))
	}
	for i := range t.items {
		item := &t.items[i]
		if item.kind == objectTree && len(item.members) > 0 {
			out.WriteString(indent + "- " + strings.TrimPrefix(item.YAML(indent+"  "), indent+"  "))
			continue
		}
		out.WriteString(indent + "-" + item.yamlValue(indent+"  "))
	}
	return out.String()
}

// yamlValue returns the text after a name or a dash, with the newline.
func (t *tree) yamlValue(indent string) string {
	switch {
	case len(t.members)+len(t.items) > 0:
		return "\n" + t.YAML(indent)
	case t.kind == objectTree:
		return " {}\n"
	case t.kind == arrayTree:
		return " []\n"
	}
	return " " + t.scalar() + "\n"
}

// yamlName quotes a name unless it is a plain word: condition keys have a
// colon.
func yamlName(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if name != "" && strings.Trim(name, letters) == "" && !slices.Contains(yamlWords, strings.ToLower(name)) {
		return name
	}
	return quote(name)
}

// yamlWords are words that YAML 1.1 reads as null or as a boolean.
var yamlWords = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
