package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The shortest and the longest interval.
const (
	minEvery = time.Minute
	maxEvery = 366 * 24 * time.Hour
)

const day = 24 * time.Hour

// ParseEvery parses an interval: a whole number and m, h or d, such as "15m",
// "6h" and "7d". An empty text is 0.
func ParseEvery(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": day}[text[len(text)-1:]]
	number := text[:len(text)-1]
	count, err := strconv.ParseInt(number, 10, 32)
	if err != nil || unit == 0 || count <= 0 || strings.HasPrefix(number, "+") {
		return 0, fmt.Errorf("the interval %.64q is invalid; use a number and m, h or d, such as 15m", text)
	}
	every := time.Duration(count) * unit
	if count > int64(maxEvery/unit) {
		return 0, fmt.Errorf("the interval %.64q is longer than 366 days", text)
	}
	return every, nil
}

// FormatEvery is the reverse of [ParseEvery].
func FormatEvery(every time.Duration) string {
	switch {
	case every == 0:
		return ""
	case every%day == 0:
		return fmt.Sprintf("%dd", every/day)
	case every%time.Hour == 0:
		return fmt.Sprintf("%dh", every/time.Hour)
	default:
		return fmt.Sprintf("%dm", every/time.Minute)
	}
}
