package delivery

import (
	"bytes"
	"testing"
)

// FuzzPlace: a cursor's content comes back as it was, and nothing else is one.
func FuzzPlace(f *testing.F) {
	f.Add((&place{before: 7, position: []byte("x")}).marshal())
	f.Fuzz(func(t *testing.T, text []byte) {
		p, ok := unmarshalPlace(text)
		if ok && !bytes.Equal(p.marshal(), text) {
			t.Errorf("%x became %x", text, p.marshal())
		}
	})
}

// FuzzAccept: whatever the header, a format is chosen or none.
func FuzzAccept(f *testing.F) {
	f.Add("text/csv;q=0.1, application/x-ndjson;q=0.9, */*;q=NaN")
	f.Fuzz(func(t *testing.T, header string) {
		if format := accepted(header); format != "" && format.ContentType() == "application/octet-stream" {
			t.Errorf("%q chose %s", header, format)
		}
	})
}

// FuzzRows: whatever a body has, it is read or refused, and rows are within it.
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
