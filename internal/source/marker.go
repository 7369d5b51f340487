package source

import "strings"

// Match reports whether a source loads an object, and if not, why.
type Match string

// The matches.
const (
	Matched  Match = "matched"
	NoMatch  Match = "no_match" // the pattern doesn't match the key
	Excluded Match = "excluded" // an exclusion matches the key
	Marker   Match = "marker"   // the object is a marker, such as _SUCCESS
	Empty    Match = "empty"    // the object has no bytes
)

// markerSuffixes lists the suffixes of objects that writers put next to their
// data.
var markerSuffixes = []string{".crc", ".tmp", ".partial", "$folder$"}

// markers finds the objects that writers put next to their data: a segment after
// the fixed prefix of the pattern begins with "_" or ".", or the name has one of
// the suffixes above. Segments that the pattern names literally aren't markers.
type markers struct {
	pattern string
	prefix  string
	spelled []*glob // segments of the pattern that begin with "_" or "."
}

func newMarkers(pattern, prefix string) markers {
	m := markers{pattern: pattern, prefix: prefix}
	for segment := range strings.SplitSeq(pattern, "/") {
		if !beginsLikeMarker(strings.TrimPrefix(segment, `\`)) && !hasMarkerAlternative(segment) {
			continue
		}
		if compiled, fault := compileGlob(segment); fault == "" {
			m.spelled = append(m.spelled, compiled)
		}
	}
	return m
}

func beginsLikeMarker(segment string) bool {
	return strings.HasPrefix(segment, "_") || strings.HasPrefix(segment, ".")
}

// hasMarkerAlternative reports whether a segment begins with alternatives,
// and one of them begins like a marker.
func hasMarkerAlternative(segment string) bool {
	if !strings.HasPrefix(segment, "{") {
		return false
	}
	for _, alternative := range strings.Split(segment[1:], ",") {
		if beginsLikeMarker(alternative) {
			return true
		}
	}
	return false
}

// is reports whether a key that the pattern matches is that of a marker.
func (m *markers) is(key string) bool {
	for _, suffix := range markerSuffixes {
		if strings.HasSuffix(key, suffix) && !strings.HasSuffix(m.pattern, suffix) {
			return true
		}
	}
	rest := strings.TrimPrefix(key, m.prefix)
	if m.prefix != "" && !strings.HasSuffix(m.prefix, "/") { // the prefix spells the beginning of this segment
		_, rest, _ = strings.Cut(rest, "/")
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if beginsLikeMarker(segment) && !m.spells(segment) {
			return true
		}
	}
	return false
}

func (m *markers) spells(segment string) bool {
	for _, g := range m.spelled {
		if g.match(segment) {
			return true
		}
	}
	return false
}
