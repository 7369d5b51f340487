package delivery

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
)

// Version returns the version of the dataset; ok is false if the answer has
// several.
func (a *Answer) Version() (version int64, ok bool) {
	if len(a.plans) != 1 {
		return 0, false
	}
	return a.plans[0].view.Version(), true
}

// ETag returns a strong entity tag for the answer in an encoding such as "gzip"; empty means
// none. The same response has the same tag. The tag changes with the datasets, their schemas
// and the request.
func (a *Answer) ETag(encoding string) string {
	sum := a.digest()
	b := append(make([]byte, 0, 40), '"')
	b = base64.RawURLEncoding.AppendEncode(b, sum[:])
	if encoding != "" {
		b = append(append(b, '.'), encoding...)
	}
	return string(append(b, '"'))
}

// digest returns a digest of everything that the answer depends on: the datasets, their
// schemas and versions, and the request.
func (a *Answer) digest() answerSum {
	if a.sum != (answerSum{}) {
		return a.sum
	}
	b := make([]byte, 0, 512)
	for _, p := range a.plans {
		b = append(appendNumbers(append(b, p.dataset.ID...), p.view.Version(), p.dataset.UpdatedAt.UnixMicro()), 0)
		if p.tag != "" {
			b = append(strconv.AppendQuote(b, p.tag), 0)
		}
	}
	for _, part := range []string{a.target.Datasets, a.target.Keys, a.target.Subkeys} {
		b = append(strconv.AppendQuote(b, part), ' ')
	}
	b = append(append(b, a.query.Format...), ' ')
	b = append(strconv.AppendBool(b, a.query.count), 0)
	var span [16]byte
	if w := a.query.window; w.from != nil {
		binary.BigEndian.PutUint64(span[:8], uint64(w.from.UnixMicro()))
	}
	if w := a.query.window; w.to != nil {
		binary.BigEndian.PutUint64(span[8:], uint64(w.to.UnixMicro()))
	}
	b = append(append(b, span[:]...), a.query.canonical()...)
	sum := sha256.Sum256(b)
	a.sum = answerSum(sum[:len(a.sum)])
	return a.sum
}

func appendNumbers(b []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		b = strconv.AppendInt(append(b, ' '), n, 10)
	}
	return b
}
