package cell

import "encoding/json"

// ScanJSON returns the kind of a JSON value and the content of a string. It reports
// false for a text that is not JSON.
func ScanJSON(raw []byte) (kind JSONKind, text []byte, ok bool) {
	if len(raw) == 0 || !json.Valid(raw) {
		return JSONNull, nil, false
	}
	kind = kindOf(raw)
	if kind != JSONString {
		return kind, nil, true
	}
	var content string
	if err := json.Unmarshal(raw, &content); err != nil {
		return kind, nil, false
	}
	return kind, []byte(content), true
}
