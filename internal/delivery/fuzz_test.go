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
