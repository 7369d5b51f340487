package delivery

import (
	"bytes"
	"testing"
)

// FuzzPlace checks that a cursor decodes to its content, and that no other
// text is a cursor.
func FuzzPlace(f *testing.F) {
	f.Add((&place{before: 7, position: []byte("x")}).marshal())
	f.Fuzz(func(t *testing.T, text []byte) {
		p, ok := unmarshalPlace(text)
		if ok && !bytes.Equal(p.marshal(), text) {
			t.Errorf("%x became %x", text, p.marshal())
		}
	})
}

// FuzzAccept checks that any header results in a format or in none.
func FuzzAccept(f *testing.F) {
	f.Add("text/csv;q=0.1, application/x-ndjson;q=0.9, */*;q=NaN")
	f.Fuzz(func(t *testing.T, header string) {
		if format := accepted(header); format != "" && format.ContentType() == "application/octet-stream" {
			t.Errorf("%q chose %s", header, format)
		}
	})
}

// FuzzRows checks that any body is read or refused, and that its rows are
// inside it.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`[{"a":1},{"b":[2]}]`))
	f.Add([]byte("{\"a\":1}\n{\"a\":2}\n"))
	f.Add([]byte(`{"a":`))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := readRows(bytes.NewReader(text))
		if err != nil {
			return
		}
		n := 0
		for _, row := range rows {
			n += len(row)
		}
		if n > len(text) {
			t.Errorf("%d bytes of rows in %d bytes", n, len(text))
		}
		w := &rowWriter{done: Written{Rows: make([]WrittenRow, len(rows))}}
		if kept := w.split(rows); len(kept) > len(rows) {
			t.Errorf("%d of %d rows", len(kept), len(rows))
		}
	})
}
