package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// Count writes a number with thin groups: 3,000,000.
func Count(n any) string {
	var digits string
	switch v := n.(type) {
	case int:
		digits = strconv.Itoa(v)
	case int64:
		digits = strconv.FormatInt(v, 10)
	default:
		return fmt.Sprint(n)
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Plural writes "1 row" and "2 rows".
func Plural(n any, one, many string) string {
	text := Count(n)
	if text == "1" {
		return text + " " + one
	}
	return text + " " + many
}

// Bytes writes a size with three digits: 12.9 MB.
func Bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if unit == 0 || value >= 99.5 {
		return fmt.Sprintf("%.0f %s", value, units[unit])
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}

// Took formats a duration for people: 84 ms, 1.2 s, 3 min 5 s.
func Took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return twoUnits(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	}
	return twoUnits(int(d.Hours()), "h", int(d.Minutes())%60, "min")
}

// twoUnits formats a duration in two units, and omits the smaller one if it
// is zero.
func twoUnits(large int, unit string, small int, smaller string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, smaller)
}

// ago writes a moment as its distance from now, with the moment itself for
// machines and in the tooltip.
func ago(t, now time.Time) template.HTML {
	if t.IsZero() {
		return "never"
	}
	text := t.UTC().Format("2 Jan 2006, 15:04 UTC")
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`, //nolint:gosec // numbers and fixed words only
		t.UTC().Format(time.RFC3339), text, distance(now.Sub(t), t)))
}

func distance(d time.Duration, t time.Time) string {
	switch {
	case d < -time.Minute:
		return "in " + span(-d)
	case d < 10*time.Second:
		return "just now"
	case d < 30*24*time.Hour:
		return span(d) + " ago"
	}
	return t.UTC().Format("2 Jan 2006")
}

func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return Plural(int(d.Seconds()), "second", "seconds")
	case d < time.Hour:
		return Plural(int(d.Minutes()), "minute", "minutes")
	case d < 24*time.Hour:
		return Plural(int(d.Hours()), "hour", "hours")
	}
	return Plural(int(d.Hours()/24), "day", "days")
}

// breakable lets a long ARN break where its parts end.
func breakable(text string) template.HTML {
	escaped := template.HTMLEscapeString(text)
	return template.HTML(strings.NewReplacer(":", ":<wbr>", "/", "/<wbr>").Replace(escaped)) //nolint:gosec // escaped; entities have neither sign
}

// Day returns a day unchanged, or "" if it is invalid.
func Day(text string) string {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}

// IndentJSON writes a document as people read it.
func IndentJSON(document []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return string(document)
	}
	return out.String()
}
