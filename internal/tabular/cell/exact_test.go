package cell_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// shown returns the one value of a vector as text.
func shown(v *dataset.Vector) any {
	if !v.Nulls[0] && v.Type == dataset.Decimal {
		return string(dataset.AppendDecimal(nil, v.Wide[0], v.Scale))
	}
	return value(*v)
}

func typed(t dataset.Type, format string) dataset.Column {
	return dataset.Column{Type: t, Format: format}
}

// TestExactTexts has for each text the value, or the reason after "!", with a
// declared column and with a guessed one.
func TestExactTexts(t *testing.T) {
	t.Parallel()
	money := dataset.Column{Type: dataset.Decimal, Precision: 19, Scale: 2}
	european := dataset.Column{Type: dataset.Decimal, Precision: 10, Scale: 2, Format: "1.234,5"}
	const isoTime, isoDate, bytes64 = `!.c should match format "date-time"`, `!.c should match format "date"`,
		`!.c should match format "base64"`
	const tooLarge = "!.c should be number of at most 1.8e308"
	for _, c := range []struct {
		column            dataset.Column
		text              string
		declared, guessed any
	}{
		{money, "12345678901234567.89", "12345678901234567.89", "12345678901234567.89"},
		{money, "0.1", "0.10", "0.10"},
		{money, "1.2300", "1.23", "1.23"},
		{money, "007.5", "7.50", "!.c should be decimal(19,2)"},
		{money, "1.234", "!.c should be decimal(19,2)", "!.c should be decimal(19,2)"},
		{money, "x", "!.c should be decimal(19,2)", "!.c should be decimal(19,2)"},
		{money, "n/a", nil, nil},
		{european, "1.234.567,8", "1234567.80", "1234567.80"},
		{typed(dataset.Integer, "1,234.5"), "1,234,567", int64(1234567), int64(1234567)},
		{typed(dataset.Integer, "1,234.5"), "12,34", `!.c should match format "1,234.5"`, `!.c should match format "1,234.5"`},
		{typed(dataset.Number, "1 234,5"), "1\u202f234,5", 1234.5, 1234.5},
		{typed(dataset.Number, "1234,5"), "12,5e3", 12500.0, 12500.0},
		{typed(dataset.Integer, ""), "00501", int64(501), "!.c should be integer"},
		{typed(dataset.Integer, ""), "+7", int64(7), "!.c should be integer"},
		{typed(dataset.Integer, ""), "-0", int64(0), "!.c should be integer"},
		{typed(dataset.Integer, ""), "NULL", nil, nil},
		{typed(dataset.Number, ""), "9007199254740993", 9007199254740992.0, tooLarge},
		{typed(dataset.Number, ""), "0.30000000000000004", 0.30000000000000004, 0.30000000000000004},
		{typed(dataset.Number, ""), "NaN", nil, nil},
		{typed(dataset.Boolean, ""), "yes", int64(1), "!.c should be boolean"},
		{typed(dataset.Boolean, ""), "F", int64(0), "!.c should be boolean"},
		{typed(dataset.Boolean, ""), "None", nil, nil},
		{typed(dataset.DateTime, ""), "1970-01-01T00:00:00.0000019Z", int64(1), isoTime},
		{typed(dataset.DateTime, ""), "1970-01-01T00:00:00.0000010Z", int64(1), int64(1)},
		{typed(dataset.Date, ""), "0000-01-01", isoDate, isoDate},
		{typed(dataset.Any, ""), "NULL", nil, nil},
		{typed(dataset.Any, ""), "1.10", "1.10", "1.10"},
		{typed(dataset.String, ""), "NA", "NA", "NA"},
		{typed(dataset.String, ""), `\N`, nil, nil},
		{typed(dataset.String, cell.Base64), "dGV4dA==", "dGV4dA==", "dGV4dA=="},
		{typed(dataset.String, cell.Base64), "", "", ""},
		{typed(dataset.String, cell.Base64), "dGV4dA", bytes64, bytes64},
	} {
		c.column.Name, c.column.AllowNull = "c", true
		for _, strict := range []bool{false, true} {
			column := mustCompile(t, c.column)
			column.Strict = strict
			want := c.declared
			if strict {
				want = c.guessed
			}
			v := dataset.NewVectorOf(c.column, 1)
			var got any
			if fault := column.AppendText(&v, []byte(c.text)); fault != cell.OK {
				got = "!" + column.Reason(fault)
			} else {
				got = shown(&v)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %q, strict %t (-want +got):\n%s", c.column.TypeName(), c.text, strict, diff)
			}
		}
	}
}

func TestExactJSON(t *testing.T) {
	t.Parallel()
	money := dataset.Column{Type: dataset.Decimal, Precision: 19, Scale: 2}
	for _, c := range []struct {
		column            dataset.Column
		kind              cell.JSONKind
		raw, text         string
		declared, guessed any
	}{
		{money, cell.JSONNumber, "1.5", "", "1.50", "1.50"},
		{money, cell.JSONNumber, "1e3", "", "1000.00", "1000.00"},
		{money, cell.JSONString, `"1.5"`, "1.5", "1.50", "!.c should be decimal(19,2)"},
		{
			typed(dataset.Integer, ""), cell.JSONNumber, "9007199254740993.0", "", int64(9007199254740993),
			"!.c should be integer",
		},
		{typed(dataset.Integer, ""), cell.JSONNumber, "5.0", "", int64(5), "!.c should be integer"},
		{
			typed(dataset.Number, ""), cell.JSONNumber, "0.10000000000000000001", "", 0.1,
			"!.c should be number of at most 1.8e308",
		},
		{
			typed(dataset.Any, ""), cell.JSONObject, `{"a": 1.10, "b": 1e400}`, "", `{"a":1.10,"b":1e400}`,
			`{"a":1.10,"b":1e400}`,
		},
	} {
		c.column.Name = "c"
		for _, strict := range []bool{false, true} {
			column := mustCompile(t, c.column)
			column.Strict = strict
			want := c.declared
			if strict {
				want = c.guessed
			}
			v := dataset.NewVectorOf(c.column, 1)
			var got any
			if fault := column.AppendJSON(&v, c.kind, []byte(c.raw), []byte(c.text)); fault != cell.OK {
				got = "!" + column.Reason(fault)
			} else {
				got = shown(&v)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s, strict %t (-want +got):\n%s", c.column.TypeName(), c.raw, strict, diff)
			}
		}
	}
}

func TestUnknownFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []dataset.Column{
		{Name: "c", Type: dataset.Number, Format: "1_234.5"},
		{Name: "c", Type: dataset.String, Format: "hex"},
		{Name: "c", Type: dataset.Date, Format: "YY"},
	} {
		if _, err := cell.Compile(c, false); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
