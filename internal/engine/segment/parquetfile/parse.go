package parquetfile

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
)

// parse parses a text and appends the value to a vector of a column. It
// reports whether the text is a valid value of the column.
func parse(v *dataset.Vector, c *dataset.Column, text string) bool {
	switch v.Type {
	case dataset.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		v.AppendInt(n)
		return err == nil
	case dataset.Number:
		n, err := strconv.ParseFloat(text, 64)
		v.AppendFloat(n)
		return err == nil
	case dataset.Decimal:
		x, err := dataset.ParseDecimal([]byte(text), c.Precision, c.Scale)
		v.AppendWide(x)
		return err == nil
	case dataset.Boolean:
		switch strings.ToLower(text) {
		case "true", "1":
			v.AppendInt(1)
			return true
		case "false", "0":
			v.AppendInt(0)
			return true
		}
		return false
	case dataset.Date:
		return parseTime(v, text, time.DateOnly, "20060102")
	case dataset.DateTime:
		return parseTime(v, text, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly, "20060102")
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		v.AppendBytes([]byte(text))
		return utf8.ValidString(text)
	default:
		return false
	}
}

func parseTime(v *dataset.Vector, text string, layouts ...string) bool {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			v.AppendInt(moment(t, v.Type))
			return true
		}
	}
	return false
}

// moment returns a time in the form in which dates or date-times are stored.
// A date is the first moment of its day, so a bound within a day becomes the
// next day.
func moment(t time.Time, kind dataset.Type) int64 {
	if kind != dataset.Date {
		return t.UnixMicro()
	}
	seconds := t.Unix()
	days := seconds / 86400
	if seconds%86400 < 0 {
		days--
	}
	if seconds != days*86400 || t.Nanosecond() > 0 {
		days++
	}
	return days
}
