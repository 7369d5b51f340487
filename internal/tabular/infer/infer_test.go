package infer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// infer guesses the schema of a small table; the first line has the names.
func schemaOf(t *testing.T, table string) dataset.Schema {
	t.Helper()
	s := infer.New()
	for i, line := range strings.Split(table, "\n") {
		for j, field := range strings.Split(line, ",") {
			if i == 0 {
				s.Column(field)
			} else {
				s.Text(j, []byte(field))
			}
		}
		if i > 0 {
			s.EndRow()
		}
	}
	schema, err := s.Schema()
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestTypesOfTexts(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"1 2 -3":                           "integer ",
		"1 2.5 .097":                       "number ",
		"1 2e5":                            "string ", // a code, perhaps
		"1.5 2e5":                          "number ",
		"0 1":                              "integer ",
		"true FALSE":                       "boolean ",
		"00501 10001":                      "string ",
		"0 0.5":                            "number ",
		"+4930123 +4930124":                "string ",
		"12345678901234567890 1":           "decimal ",
		"9223372036854775807 1":            "integer ",
		"NaN 1":                            "integer ",
		"1,000":                            "string ",
		"2012-01-01 2012-12-31":            "date ",
		"2012-01-01 2012-01-01T05:00:00Z":  "date-time ",
		"2012-01-01T05:00:00.5+02:00":      "date-time ",
		"2012/01/01 2012/1/1":              "date YYYY/M/D",
		"1/13/2000 2/1/2000":               "date M/D/YYYY",
		"13/1/2000 2/1/2000":               "date D/M/YYYY",
		"1/2/2000 3/4/2000":                "string ", // which is the month?
		"13.1.2000":                        "date D.M.YYYY",
		"01-Feb-2000":                      "date D-MMM-YYYY",
		"":                                 "string ",
		"20200101 20200102":                "integer ",
		"Jan_1_2000 Feb_1_2000":            "date MMM D[,] YYYY",
		"2001/01/01_00:47":                 "date-time YYYY/M/D h:mm[:ss[.SSS]]",
		"1/13/2000_0:47 1/2/2000_10:00_PM": "date-time M/D/YYYY h:mm[:ss][ A]",
		"Mon,_02_Jan_2006_15:04:05_GMT":    "date-time ddd, D MMM YYYY hh:mm:ss Z",
		"x 1":                              "string ",
		"2012-02-30":                       "string ",
		"a 2012-01-01":                     "string ",
		"10/Oct/2000:13:55:36_-0700":       "date-time DD/MMM/YYYY:hh:mm:ss Z",
		"0000000000000000000000000000001 -1000000000": "string ",
	} {
		s := infer.New()
		i := s.Column("c")
		for _, v := range strings.Split(values, " ") {
			s.Text(i, []byte(strings.ReplaceAll(v, "_", " ")))
			s.EndRow()
		}
		schema, err := s.Schema()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(schema.Columns[0].Type) + " " + schema.Columns[0].Format; got != want {
			t.Errorf("%s: got %s, want %s", values, got, want)
		}
	}
}

func TestIndexGuess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		table string
		want  dataset.Index
	}{
		"prices": {
			"symbol,date,close,volume\nA,2000-01-01,1.5,100\nA,2000-01-02,1.6,100\nB,2000-01-01,2.5,7",
			dataset.Index{
				Key: "symbol", Date: "date", Distinct: true,
				Reason: "“date” is the first date without gaps, “symbol” is the first text without gaps; none of the first 3 rows share them.",
			},
		},
		"people": {
			"firstname,lastname,age\nAnn,Lee,3\nAnn,Poe,4\nBob,Lee,5",
			dataset.Index{
				Key: "firstname", Subkey: "lastname", Distinct: true,
				Reason: "“firstname” is the first text without gaps, “lastname” is the next text without gaps; none of the first 3 rows share them.",
			},
		},
		"events": {
			"type,sequence,time\nx,1,2000-01-01T00:00:00Z\ny,2,2000-01-01T00:00:00Z\nx,3,2000-01-01T00:00:00Z",
			dataset.Index{
				Key: "type", Subkey: "sequence", Date: "time", Distinct: true,
				Reason: "“time” is the first date without gaps, “type” is the first text without gaps, “sequence” is a number that counts, by its name; none of the first 3 rows share them.",
			},
		},
		"an identifier": {
			"name,zip_code,city\nx,00501,H\nx,00544,H\ny,00601,A",
			dataset.Index{
				Key: "zip_code", Distinct: true,
				Reason: "“zip_code” is named like an identifier; none of the first 3 rows share them.",
			},
		},
		"an identifier that is a number": {
			"rate,id\n.097,1001\n.091,1003",
			dataset.Index{
				Key: "id", Distinct: true,
				Reason: "“id” is named like an identifier; none of the first 2 rows share them.",
			},
		},
		"a constant is no key": {
			"type,name\nFeature,x\nFeature,y",
			dataset.Index{
				Key: "name", Distinct: true,
				Reason: "“name” is the first text without gaps; none of the first 2 rows share them.",
			},
		},
		"a file sorted by its key": {
			"location,weather\n" + strings.Repeat("Seattle,rain\nSeattle,sun\n", 499) + "Seattle,x\nSeattle,x",
			dataset.Index{
				Key: "location", Subkey: "weather",
				Reason: "“location” is the first text without gaps, “weather” is the next text without gaps; some of the first 1000 rows share them, so it isn't unique.",
			},
		},
		"a text with gaps is no key": {
			"a,b\nx,p\n,q",
			dataset.Index{Key: "b", Distinct: true, Reason: "“b” is the first text without gaps; none of the first 2 rows share them."},
		},
		"measures are no key": {
			"price,volume\n1.5,3\n2.5,3",
			dataset.Index{Reason: "No column without gaps looks like a key; every row is kept."},
		},
		"a date alone": {
			"date,volume\n2000-01-01,3\n2000-01-02,3",
			dataset.Index{
				Date: "date", Distinct: true,
				Reason: "“date” is the first date without gaps, no column without gaps looks like a key; none of the first 2 rows share them.",
			},
		},
		"not unique": {
			"origin,delay\nA,1\nB,1\nA,1",
			dataset.Index{Key: "origin", Reason: "“origin” is the first text without gaps; some of the first 3 rows share them, so it isn't unique."},
		},
		"no rows": {
			"a,b",
			dataset.Index{Reason: "No column without gaps looks like a key; there were no rows to compare."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := schemaOf(t, c.table)
			c.want.Guessed = true
			if diff := cmp.Diff(c.want, schema.Index); diff != "" {
				t.Errorf("index (-want +got):\n%s", diff)
			}
			for _, column := range schema.Columns {
				if column.Required || !column.AllowNull {
					t.Errorf("column %s: required %t, null allowed %t", column.Name, column.Required, column.AllowNull)
				}
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"plain": "plain", "  blanks ": "blanks", "": "column_3", " \t": "column_3", "two\nlines": "two lines",
		"\ufeffmarked": "marked", "Cost Total $": "Cost Total $",
	} {
		if got := infer.Name(header, 3); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestNamesRefused(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		`Columns 1 and 3 are both named "id".`:                   {"id", "x", "id"},
		`Columns 1 and 2 are named "id" and "ID"`:                {"id", "ID"},
		`The name of column 1, "_System_x", begins with _system`: {"_System_x"},
		"has 256 bytes; the limit is 255.":                       {strings.Repeat("x", 256)},
		"isn't UTF-8":                                            {"caf\xe9"},
		`Columns 1 and 2 are both named "a". More problems: 1.`:  {"a", "a", "a"},
		"The file has 10001 columns; the limit is 10000.":        make([]string, 10_001),
	} {
		err := infer.CheckNames(names)
		if problem.From(err).Code == problem.Internal || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}
