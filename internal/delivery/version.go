package delivery

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// Version returns the version of the dataset; ok is false if the answer has
// several.
func (a *Answer) Version() (version int64, ok bool) {
	if len(a.plans) != 1 {
		return 0, false
	}
	return a.plans[0].view.Version(), true
}

// ETag returns a strong entity tag for the answer in an encoding such as "gzip".
// The same response has the same tag. The tag changes with the datasets, their schemas
// and the request.
func (a *Answer) ETag(encoding string) string {
	h := sha256.New()
	for _, p := range a.plans {
		_, _ = fmt.Fprintf(h, "%s %d %d\x00", p.dataset.ID, p.view.Version(), p.dataset.UpdatedAt.UnixMicro())
		if p.tag != "" {
			_, _ = fmt.Fprintf(h, "%q\x00", p.tag)
		}
	}
	_, _ = fmt.Fprintf(h, "%q %q %q %s %s %t\x00", a.target.Datasets, a.target.Keys, a.target.Subkeys, a.query.Format,
		encoding, a.query.count)
	var span [16]byte
	if w := a.query.window; w.from != nil {
		binary.BigEndian.PutUint64(span[:8], uint64(w.from.UnixMicro()))
	}
	if w := a.query.window; w.to != nil {
		binary.BigEndian.PutUint64(span[8:], uint64(w.to.UnixMicro()))
	}
	_, _ = h.Write(span[:])
	_, _ = h.Write([]byte(a.query.canonical()))
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15]) + `"`
}
