package delivery_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/delivery"
)

// TestUploadCreates checks that the types of created datasets depend on all rows,
// not only the first.
func TestUploadCreates(t *testing.T) {
	t.Parallel()
	many := func(head, row, last string) string { return head + strings.Repeat(row, 2500) + last }
	for name, c := range map[string]struct {
		body  string
		types string
		where string
		last  string
		rows  int64
	}{
		"a code that comes late": {
			many("v,w\n", "10115,x\n", "00501,x\n"), "v string, w string", "v=eq.00501", `[{"v":"00501","w":"x"}]`,
			2501,
		},
		"a fraction that comes late": {
			many("v,w\n", "1,x\n", "1.5,x\n"), "v number, w string", "v=eq.1.5", `[{"v":1.5,"w":"x"}]`, 2501,
		},
		"a member that comes late": {
			many("", `{"v":1}`+"\n", `{"v":2,"w":"x"}`+"\n"), "v integer, w string", "v=eq.2",
			`[{"v":2,"w":"x"}]`, 2501,
		},
		"an archive of two members": {
			zipped(t, "a.csv", "v,w\n1,x\n", "b.csv", "v,w\n1.5,y\n"), "v number, w string", "v=eq.1.5",
			`[{"v":1.5,"w":"y"}]`, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			done, err := w.Upload(t.Context(), w.owner, w.workspace,
				delivery.Upload{Dataset: "made", Body: strings.NewReader(c.body)})
			if err != nil {
				t.Fatal(err)
			}
			if done.Rows != c.rows || done.Rejected != 0 {
				t.Errorf("%d rows, and %d rejected, want %d", done.Rows, done.Rejected, c.rows)
			}
			schema, err := w.read(t, delivery.Target{Datasets: "made"}, "schema=true")
			if err != nil {
				t.Fatal(err)
			}
			for column := range strings.SplitSeq(c.types, ", ") {
				name, typ, _ := strings.Cut(column, " ")
				if !strings.Contains(schema, `"`+name+`"`) || !strings.Contains(schema, `"`+typ+`"`) {
					t.Errorf("the schema %s doesn't have %s", schema, column)
				}
			}
			if rows, err := w.read(t, delivery.Target{Datasets: "made"}, c.where); err != nil || rows != c.last {
				t.Errorf("rows %s, %v, want %s", rows, err, c.last)
			}
		})
	}
}

// TestUploadKeepsGuesses loads values into guessed columns of a dataset that exists.
func TestUploadKeepsGuesses(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	upload := func(body string) delivery.Uploaded {
		done, err := w.Upload(t.Context(), w.owner, w.workspace,
			delivery.Upload{Dataset: "made", Body: strings.NewReader(body)})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	upload("id,n,s\n1,10115,x\n")
	if done := upload("id,n,s\n2,00501,y\n3,7,z\n"); done.Rows != 1 || done.Rejected != 1 {
		t.Errorf("a code for a number: %+v", done)
	}
	if done := upload(`[{"id":4,"n":8,"s":5}]`); done.Rows != 1 || done.Rejected != 0 {
		t.Errorf("a number for a text: %+v", done)
	}
	rows, err := w.read(t, delivery.Target{Datasets: "made"}, "select=id,n,s&order=id")
	want := `[{"id":1,"n":10115,"s":"x"},{"id":3,"n":7,"s":"z"},{"id":4,"n":8,"s":"5"}]`
	if err != nil || rows != want {
		t.Errorf("rows %s, %v, want %s", rows, err, want)
	}
}

// zipped writes a zip archive of names and texts.
func zipped(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		if err == nil {
			_, err = m.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
