package criteria_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/problem"
)

var schema = dataset.Schema{Columns: []dataset.Column{
	{Name: "s", Type: dataset.String},
	{Name: "i", Type: dataset.Integer},
	{Name: "n", Type: dataset.Number},
	{Name: "c", Type: dataset.Decimal, Precision: 10, Scale: 2},
	{Name: "b", Type: dataset.Boolean},
	{Name: "d", Type: dataset.Date},
	{Name: "t", Type: dataset.DateTime},
	{Name: "o", Type: dataset.Object},
}}

// FuzzCriteria checks that any text is accepted or results in a problem with code
// invalid, a reason and a position in the text.
func FuzzCriteria(f *testing.F) {
	for _, text := range []string{
		"eq.5", "not.in.(1,2)", `in.("a,\"b",c)`, "like.a*", "is.null", "isdistinct.1e400", "gte.2024-02-29", "lt.-0.1",
		"(s.eq.a,not.or(i.gt.5,n.is.null))", `("s".in.(a,"b"),and(b.is.true,t.lt.2024-02-29T00:00:00Z))`,
		"a:s,count(),n.avg(),d.bucket(month)", "s.desc.nullsfirst,i", "*", "gt.99999999999999999999", "eq.1e-30",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check := func(err error) {
			if e := (*problem.Error)(nil); err != nil && (!errors.As(err, &e) || e.Code != problem.Invalid ||
				e.Reason == "" ||
				e.Place.Parameter == "" || e.Place.Position > utf8.RuneCountInString(text)+1) {
				t.Errorf("%q: %#v", text, err)
			}
		}
		c := criteria.Conditions{Schema: &schema}
		for _, column := range schema.Columns {
			check(c.Filter(column.Name, text))
		}
		for _, name := range []string{"and", "or", "not.and", "not.or"} {
			check(c.Logic(name, text))
		}
		selected, err := criteria.ParseSelect(text)
		if check(err); err == nil {
			_, err = selected.Bind(&schema)
			check(err)
		}
		ordered, err := criteria.ParseOrder(text)
		if check(err); err == nil {
			_, err = ordered.Find(schema.Columns)
			check(err)
		}
	})
}
