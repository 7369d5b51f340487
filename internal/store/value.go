package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// micros is a time as it is kept: microseconds since 1970 in UTC, 0 for the
// zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is the time that micros kept.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// flag is a yes or no as it is kept. It is scanned into a bool as it is.
func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// text is what has parts as it is kept: JSON.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("writing %T as JSON: %w", v, err)
	}
	return string(b), nil
}

// parse reads what text wrote into v, a pointer.
func parse(kept string, v any) error {
	if err := json.Unmarshal([]byte(kept), v); err != nil {
		return fmt.Errorf("reading %T kept as JSON: %w", v, err)
	}
	return nil
}
