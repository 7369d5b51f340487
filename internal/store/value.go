package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// micros returns a time in stored form: microseconds since 1970 in UTC, 0 for the
// zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the reverse of micros.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// flag returns a boolean in stored form. It can be scanned into a bool.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// text returns a structured value in stored form: JSON.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("writing %T as JSON: %w", v, err)
	}
	return string(b), nil
}

// parse decodes the result of text into v, a pointer.
func parse(kept string, v any) error {
	if err := json.Unmarshal([]byte(kept), v); err != nil {
		return fmt.Errorf("reading %T kept as JSON: %w", v, err)
	}
	return nil
}
