package cell_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

func mustCompile(t testing.TB, c dataset.Column) cell.Column {
	t.Helper()
	column, err := cell.Compile(c, false)
	if err != nil {
		t.Fatal(err)
	}
	return column
}

// value returns the only value of a vector.
func value(v dataset.Vector) any {
	switch {
	case v.Nulls[0]:
		return nil
	case v.Ints != nil:
		return v.Ints[0]
	case v.Floats != nil:
		return v.Floats[0]
	default:
		return string(v.BytesAt(0))
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ  dataset.Type
		text string
		want any
	}{
		{dataset.String, "", ""},
		{dataset.String, " a ", " a "},
		{dataset.String, "00501", "00501"},
		{dataset.Integer, "", nil},
		{dataset.Integer, "  ", nil},
		{dataset.Integer, "12", int64(12)},
		{dataset.Integer, " -12 ", int64(-12)},
		{dataset.Integer, "+7", int64(7)},
		{dataset.Integer, "00501", int64(501)},
		{dataset.Integer, "9223372036854775807", int64(math.MaxInt64)},
		{dataset.Integer, "-9223372036854775808", int64(math.MinInt64)},
		{dataset.Integer, "0000000000000000000000005", int64(5)},
		{dataset.Integer, "-0000000000000000000000005", int64(-5)},
		{dataset.Number, "", nil},
		{dataset.Number, ".097", 0.097},
		{dataset.Number, "-89.23450472", -89.23450472},
		{dataset.Number, "1469.250000", 1469.25},
		{dataset.Number, "1e5", 1e5},
		{dataset.Number, "1.", 1.0},
		{dataset.Number, "0.12345678901234567", 0.12345678901234567},
		{dataset.Number, "1.7976931348623157e308", math.MaxFloat64},
		{dataset.Boolean, "TRUE", int64(1)},
		{dataset.Boolean, "false", int64(0)},
		{dataset.Boolean, "1", int64(1)},
		{dataset.Boolean, "0", int64(0)},
		{dataset.Boolean, "", nil},
		{dataset.Object, `{"a": [1, 2]}`, `{"a":[1,2]}`},
		{dataset.Array, `[ "a b" ]`, `["a b"]`},
		{dataset.Any, "12", "12"},
		{dataset.Any, "a text", `"a text"`},
	} {
		column := mustCompile(t, dataset.Column{Name: "c", Type: c.typ, AllowNull: true})
		v := dataset.NewVector(c.typ, 1)
		if fault := column.AppendText(&v, []byte(c.text)); fault != cell.OK {
			t.Errorf("%s %q: %s", c.typ, c.text, column.Reason(fault))
			continue
		}
		if diff := cmp.Diff(c.want, value(v)); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", c.typ, c.text, diff)
		}
	}
}

func TestTextRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column dataset.Column
		text   string
		want   string
	}{
		{dataset.Column{Type: dataset.Integer}, "x", ".c should be integer"},
		{dataset.Column{Type: dataset.Integer}, "1.5", ".c should be integer"},
		{dataset.Column{Type: dataset.Integer}, "-", ".c should be integer"},
		{dataset.Column{Type: dataset.Integer}, "00000000000000000000-5", ".c should be integer"},
		{dataset.Column{Type: dataset.Integer}, "9223372036854775808", ".c should be integer of at most 64 bits"},
		{dataset.Column{Type: dataset.Integer}, "", ".c should be integer"},
		{dataset.Column{Type: dataset.Integer, Required: true}, "", "should have required property 'c'"},
		{dataset.Column{Type: dataset.Number}, "NaN", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "Inf", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "0x10", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "1_000", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "1,000", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, ".", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "1e", ".c should be number"},
		{dataset.Column{Type: dataset.Number}, "1e999", ".c should be number of at most 1.8e308"},
		{dataset.Column{Type: dataset.Boolean}, "maybe", ".c should be boolean"},
		{dataset.Column{Type: dataset.Boolean}, "2", ".c should be boolean"},
		{dataset.Column{Type: dataset.Date}, "2001-02-29", `.c should match format "date"`},
		{dataset.Column{Type: dataset.Date, Format: "MM/DD/YYYY"}, "13/01/2000", `.c should match format "MM/DD/YYYY"`},
		{dataset.Column{Type: dataset.DateTime}, "yesterday", `.c should match format "date-time"`},
		{dataset.Column{Type: dataset.Object}, "[]", ".c should be object"},
		{dataset.Column{Type: dataset.Array}, "{}", ".c should be array"},
		{dataset.Column{Type: dataset.Object}, "{", ".c should be object"},
	} {
		c.column.Name = "c"
		column := mustCompile(t, c.column)
		v := dataset.NewVector(c.column.Type, 1)
		if got := column.Reason(column.AppendText(&v, []byte(c.text))); got != c.want {
			t.Errorf("%+v %q: got %q, want %q", c.column, c.text, got, c.want)
		}
		if len(v.Nulls) != 0 {
			t.Errorf("%+v %q: the vector has a value all the same", c.column, c.text)
		}
	}
}

func TestIndexTextIsBounded(t *testing.T) {
	t.Parallel()
	columns, err := cell.CompileAll(dataset.Schema{
		Columns: []dataset.Column{{Name: "k", Type: dataset.String}, {Name: "v", Type: dataset.String}},
		Index:   dataset.Index{Key: "k"},
	})
	if err != nil {
		t.Fatal(err)
	}
	v := dataset.NewVector(dataset.String, 1)
	long := []byte(strings.Repeat("x", cell.MaxIndexBytes+1))
	if fault := columns[0].AppendText(&v, long[1:]); fault != cell.OK {
		t.Errorf("a key of %d bytes: %s", cell.MaxIndexBytes, columns[0].Reason(fault))
	}
	if fault := columns[0].AppendText(&v, long); fault != cell.TooLong {
		t.Errorf("a key of %d bytes was taken", len(long))
	}
	if fault := columns[1].AppendText(&v, long); fault != cell.OK {
		t.Errorf("another column of %d bytes: %s", len(long), columns[1].Reason(fault))
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column dataset.Column
		kind   cell.JSONKind
		raw    string
		text   string
		want   any // a string that begins with "!" is a reason
	}{
		{dataset.Column{Type: dataset.String}, cell.JSONString, `"a\u0062"`, "ab", "ab"},
		{dataset.Column{Type: dataset.String}, cell.JSONNumber, `1776`, "", "!.c should be string"},
		{dataset.Column{Type: dataset.String}, cell.JSONNull, `null`, "", "!.c should be string"},
		{dataset.Column{Type: dataset.String, AllowNull: true}, cell.JSONNull, `null`, "", nil},
		{dataset.Column{Type: dataset.Integer}, cell.JSONNumber, `5.0`, "", int64(5)},
		{dataset.Column{Type: dataset.Integer}, cell.JSONNumber, `1e3`, "", int64(1000)},
		{dataset.Column{Type: dataset.Integer}, cell.JSONNumber, `5.5`, "", "!.c should be integer"},
		{
			dataset.Column{Type: dataset.Integer},
			cell.JSONNumber, `1e300`, "",
			"!.c should be integer of at most 64 bits",
		},
		{
			dataset.Column{Type: dataset.Integer},
			cell.JSONNumber, `18446744073709551616`, "",
			"!.c should be integer of at most 64 bits",
		},
		{dataset.Column{Type: dataset.Integer}, cell.JSONString, `"5"`, "5", "!.c should be integer"},
		{dataset.Column{Type: dataset.Number}, cell.JSONNumber, `-0.5`, "", -0.5},
		{dataset.Column{Type: dataset.Number}, cell.JSONNumber, `1e999`, "", "!.c should be number of at most 1.8e308"},
		{dataset.Column{Type: dataset.Boolean}, cell.JSONBoolean, `true`, "", int64(1)},
		{dataset.Column{Type: dataset.Boolean}, cell.JSONBoolean, `false`, "", int64(0)},
		{dataset.Column{Type: dataset.Boolean}, cell.JSONNumber, `1`, "", "!.c should be boolean"},
		{dataset.Column{Type: dataset.Date}, cell.JSONString, `"1970-01-02"`, "1970-01-02", int64(1)},
		{dataset.Column{Type: dataset.Date}, cell.JSONNumber, `5`, "", `!.c should match format "date"`},
		{
			dataset.Column{Type: dataset.DateTime, Format: cell.EpochMilliseconds},
			cell.JSONNumber, `1517966773840`, "",
			int64(1517966773840000),
		},
		{dataset.Column{Type: dataset.Object}, cell.JSONObject, `{ "a" : 1 }`, "", `{"a":1}`},
		{dataset.Column{Type: dataset.Object}, cell.JSONArray, `[]`, "", "!.c should be object"},
		{dataset.Column{Type: dataset.Array}, cell.JSONArray, `[ "a\" b" ]`, "", `["a\" b"]`},
		{dataset.Column{Type: dataset.Any}, cell.JSONString, `"x"`, "x", `"x"`},
		{dataset.Column{Type: dataset.Any}, cell.JSONNumber, `1776`, "", `1776`},
	} {
		c.column.Name = "c"
		column := mustCompile(t, c.column)
		v := dataset.NewVector(c.column.Type, 1)
		var got any
		if fault := column.AppendJSON(&v, c.kind, []byte(c.raw), []byte(c.text)); fault != cell.OK {
			got = "!" + column.Reason(fault)
		} else {
			got = value(v)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.column.Type, c.raw, diff)
		}
	}
}

func TestLayouts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ          dataset.Type
		format, text string
		want         string // RFC 3339; empty: must be refused
	}{
		{dataset.Date, "", "2000-02-29", "2000-02-29T00:00:00Z"},
		{dataset.Date, "date", "0001-01-01", "0001-01-01T00:00:00Z"},
		{dataset.Date, "", "9999-12-31", "9999-12-31T00:00:00Z"},
		{dataset.Date, "", "1900-02-29", ""},
		{dataset.Date, "", "2000-1-1", ""},
		{dataset.Date, "", "2000-01-01T00:00:00Z", ""},
		{dataset.Date, "YYYYMMDD", "20000229", "2000-02-29T00:00:00Z"},
		{dataset.Date, "YYYYMMDD", "2000022", ""},
		{dataset.Date, "MM/DD/YYYY", "12/31/1999", "1999-12-31T00:00:00Z"},
		{dataset.Date, "DD/MM/YYYY", "31/12/1999", "1999-12-31T00:00:00Z"},
		{dataset.Date, "M/D/YYYY", "1/2/2000", "2000-01-02T00:00:00Z"},
		{dataset.Date, "MMM D YYYY", "Jan 1 2000", "2000-01-01T00:00:00Z"},
		{dataset.Date, "MMM D[,] YYYY", "JUN 12, 1998", "1998-06-12T00:00:00Z"},
		{dataset.Date, "MMM D[,] YYYY", "Jun 12 1998", "1998-06-12T00:00:00Z"},
		{dataset.Date, "D MMMM YYYY", "3 December 1998", "1998-12-03T00:00:00Z"},
		{dataset.Date, "MMM D YYYY", "Foo 1 2000", ""},
		{dataset.Date, "MMM D YYYY", "Jan 32 2000", ""},
		{dataset.Date, cell.EpochSeconds, "-1", "1969-12-31T00:00:00Z"},
		{dataset.DateTime, "", "2000-01-02T03:04:05Z", "2000-01-02T03:04:05Z"},
		{dataset.DateTime, "", "2000-01-02 03:04:05.123456789+01:30", "2000-01-02T01:34:05.123456Z"},
		{dataset.DateTime, "", "2000-01-02T03:04", "2000-01-02T03:04:00Z"},
		{dataset.DateTime, "", "2000-01-02 03:04:05 +0000", "2000-01-02T03:04:05Z"},
		{dataset.DateTime, "", "2000-01-02", "2000-01-02T00:00:00Z"},
		{dataset.DateTime, "", "2000-01-02T03:04:05-08", "2000-01-02T11:04:05Z"},
		{dataset.DateTime, "", "2000-01-02T24:00:00Z", ""},
		{dataset.DateTime, "", "2000-01-02T03:04:05Zjunk", ""},
		{dataset.DateTime, "YYYY/MM/DD hh:mm[:ss]", "2001/01/01 00:47", "2001-01-01T00:47:00Z"},
		{dataset.DateTime, "YYYY/MM/DD hh:mm[:ss]", "2001/01/01 00:47:09", "2001-01-01T00:47:09Z"},
		{dataset.DateTime, "M/D/YYYY h:mm[:ss] A", "1/2/2000 12:05 AM", "2000-01-02T00:05:00Z"},
		{dataset.DateTime, "M/D/YYYY h:mm[:ss] A", "1/2/2000 12:05:07 pm", "2000-01-02T12:05:07Z"},
		{dataset.DateTime, "M/D/YYYY h:mm[:ss] A", "1/2/2000 13:05 AM", ""},
		{dataset.DateTime, "ddd, D MMM YYYY hh:mm:ss Z", "Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05Z"},
		{dataset.DateTime, "DD/MMM/YYYY:hh:mm:ss Z", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"},
		{dataset.DateTime, cell.EpochMilliseconds, "1517966773840", "2018-02-07T01:26:13.84Z"},
		{dataset.DateTime, cell.EpochSeconds, "1517966773", "2018-02-07T01:26:13Z"},
		{dataset.DateTime, cell.EpochSeconds, "99999999999999999", ""},
	} {
		layout, err := cell.ParseLayout(c.typ, c.format)
		if err != nil {
			t.Fatalf("%q: %v", c.format, err)
		}
		x, ok := layout.Parse([]byte(c.text))
		got := ""
		switch {
		case ok && c.typ == dataset.Date:
			got = time.Unix(x*86400, 0).UTC().Format(time.RFC3339Nano)
		case ok:
			got = time.UnixMicro(x).UTC().Format(time.RFC3339Nano)
		}
		if got != c.want {
			t.Errorf("%s %q of %q: got %q, want %q", c.typ, c.format, c.text, got, c.want)
		}
	}
}

func TestLayoutsRefused(t *testing.T) {
	t.Parallel()
	for _, format := range []string{
		"hh:mm", "YYYY-MM", "YYYY-MM-DD[", "YYYY-MM-DD]", "[[[[YYYY]]]]-MM-DD",
		strings.Repeat("YYYY-MM-DD", 20),
	} {
		if l, err := cell.ParseLayout(dataset.Date, format); err == nil {
			t.Errorf("%q was taken as %s", format, l)
		}
	}
}

func TestNumbersAreWhatStrconvSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`[-+]?[0-9]{0,25}(\.[0-9]{0,25})?([eE][-+]?[0-9]{1,3})?`),
			rapid.Map(rapid.Float64(), func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }),
			rapid.Map(rapid.Int64(), func(i int64) string { return strconv.FormatInt(i, 10) }),
		).Draw(t, "text")
		want, err := strconv.ParseFloat(text, 64)
		wantOK := err == nil && !math.IsNaN(want) && !math.IsInf(want, 0)
		if got, ok := cell.ParseNumber([]byte(text)); ok != wantOK || ok &&
			math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("number %q: got %v %t, want %v %t", text, got, ok, want, wantOK)
		}
		whole, err := strconv.ParseInt(text, 10, 64)
		if got, ok := cell.ParseInteger([]byte(text)); ok != (err == nil) || ok && got != whole {
			t.Fatalf("integer %q: got %v %t, want %v %v", text, got, ok, whole, err)
		}
	})
}

func TestEveryDayIsWhatTimeSays(t *testing.T) {
	t.Parallel()
	layout, err := cell.ParseLayout(dataset.Date, "")
	if err != nil {
		t.Fatal(err)
	}
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2500; day = day.AddDate(0, 0, 1) {
		got, ok := layout.Parse([]byte(day.Format(time.DateOnly)))
		if want := day.Unix() / 86400; !ok || got != want {
			t.Fatalf("%s: got %d %t, want %d", day.Format(time.DateOnly), got, ok, want)
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("", "2000-01-02T03:04:05.678+09:00")
	f.Add("M/D/YYYY h:mm[:ss[.SSS]] A", "1/2/2000 12:05:07.5 pm")
	f.Add(cell.EpochMilliseconds, "1517966773840")
	f.Fuzz(func(t *testing.T, format, text string) {
		for _, typ := range []dataset.Type{dataset.Date, dataset.DateTime} {
			layout, err := cell.ParseLayout(typ, format)
			if err != nil {
				continue
			}
			x, ok := layout.Parse([]byte(text))
			if !ok {
				continue
			}
			at := time.UnixMicro(x)
			if typ == dataset.Date {
				at = time.Unix(x*86400, 0)
			}
			if y := at.UTC().Year(); y < -9999 || y > 10000 {
				t.Fatalf("%q of %q is in the year %d", format, text, y)
			}
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("-1.5e10")
	f.Add("00000000000000000000000000000012")
	f.Fuzz(func(t *testing.T, text string) {
		if x, ok := cell.ParseNumber([]byte(text)); ok {
			if want, err := strconv.ParseFloat(text, 64); err != nil || want != x {
				t.Fatalf("%q: got %v, want %v %v", text, x, want, err)
			}
		}
		if x, ok := cell.ParseInteger([]byte(text)); ok {
			if want, err := strconv.ParseInt(text, 10, 64); err != nil || want != x {
				t.Fatalf("%q: got %v, want %v %v", text, x, want, err)
			}
		}
	})
}
