package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Sealer encrypts and authenticates cursors with a key from the state.
type Sealer interface {
	Seal(ctx context.Context, plain []byte) ([]byte, error)
	// Open returns a problem with code invalid unless sealed is a result of Seal.
	Open(ctx context.Context, sealed []byte) ([]byte, error)
}

// The limits of cursors.
const (
	CursorTime   = 24 * time.Hour
	maxCursor    = 2048 // characters
	digestBytes  = 8
	cursorHeader = 1 + 8 + 8 + 4*digestBytes
	cursorForm   = 1
)

// place is the content of a cursor.
type place struct {
	at       time.Time
	before   int64 // rows on earlier pages
	query    digest
	token    digest
	dataset  digest // its ID
	order    digest // the columns that rows are ordered by
	position []byte
}

type digest [digestBytes]byte

func digestOf(texts ...string) (d digest) {
	h := sha256.New()
	for _, text := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	copy(d[:], h.Sum(nil))
	return d
}

// free has the parameters that may differ between pages.
var free = []string{"cursor", "limit", "offset", "format", "numbers", "count", "callback", "schema"}

// placeNow returns the place of an answer, without a position.
func (a *Answer) placeNow() place {
	q := &a.query
	d := &a.plans[0].dataset
	return place{
		at: a.service.config.Now(), token: digestOf(a.tokenID), dataset: digestOf(d.ID), order: a.orderDigest(),
		query: digestOf(strings.ToLower(a.target.Datasets), a.target.Keys, a.target.Subkeys, q.canonical(free...)),
	}
}

// orderDigest returns a digest of the order that positions depend on.
func (a *Answer) orderDigest() digest {
	s := &a.plans[0].dataset.Schema
	var texts []string
	add := func(name string) {
		c, _, _ := s.Column(name)
		texts = append(texts, name, c.TypeName())
	}
	for _, by := range a.search.By {
		add(by.Column)
	}
	for _, name := range []string{s.Index.Key, s.Index.Subkey, s.Index.Date} {
		add(name)
	}
	return digestOf(append(texts, fmt.Sprint(s.Index.Unique))...)
}

func (p *place) marshal() []byte {
	b := []byte{cursorForm}
	b = binary.BigEndian.AppendUint64(b, uint64(p.at.Unix())) //nolint:gosec // as bits
	b = binary.BigEndian.AppendUint64(b, uint64(p.before))    //nolint:gosec // not negative
	for _, d := range []digest{p.query, p.token, p.dataset, p.order} {
		b = append(b, d[:]...)
	}
	return append(b, p.position...)
}

func unmarshalPlace(b []byte) (p place, ok bool) {
	if len(b) < cursorHeader || b[0] != cursorForm {
		return p, false
	}
	b = b[1:]
	p.at = time.Unix(int64(binary.BigEndian.Uint64(b)), 0) //nolint:gosec // as bits
	p.before = int64(binary.BigEndian.Uint64(b[8:]))       //nolint:gosec // as bits
	b = b[16:]
	for _, d := range []*digest{&p.query, &p.token, &p.dataset, &p.order} {
		copy(d[:], b)
		b = b[digestBytes:]
	}
	p.position = bytes.Clone(b)
	return p, p.before >= 0
}

// resume continues after the cursor of the request.
func (a *Answer) resume(ctx context.Context) error {
	invalid := problem.New(problem.Invalid, "The cursor doesn't belong to this request.").WithReason("invalid_cursor").
		WithPlace(problem.Place{Parameter: "cursor"}).
		WithHint("Follow the Link of the previous response without changes; only limit, format and numbers may differ.")
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(a.query.cursor)
	if err != nil || len(a.query.cursor) > maxCursor || a.service.config.Cursors == nil {
		return invalid
	}
	plain, err := a.service.config.Cursors.Open(ctx, sealed)
	if problem.Is(err, problem.Invalid) {
		return invalid
	}
	if err != nil {
		return err
	}
	then, ok := unmarshalPlace(plain)
	now := a.placeNow()
	switch {
	case !ok || then.query != now.query || then.token != now.token:
		return invalid
	case now.at.Sub(then.at) > CursorTime:
		return expired("The cursor is older than 24 hours.")
	case then.dataset != now.dataset:
		return expired("The dataset was deleted and created again since the previous response.")
	case then.order != now.order:
		return expired("A column that the rows are ordered by has changed since the previous response.")
	}
	a.search.After, a.before = then.position, then.before
	return nil
}

func expired(message string) error {
	return problem.New(problem.Gone, "%s", message).WithReason("cursor_expired").
		WithPlace(problem.Place{Parameter: "cursor"}).WithHint("Read again from the first page.")
}

// remember stores the position of a batch's last row, because the page may end
// after it.
func (a *Answer) remember(batch *dataset.Batch) (err error) {
	if a.found != nil && a.search.Positions && batch.Rows > 0 {
		a.last, err = a.found.Position(batch.Rows - 1)
	}
	return err
}

// cut ends a page before a row of the current batch, with which the next page
// begins.
func (a *Answer) cut(ctx context.Context, row int) error {
	if a.found == nil || !a.search.Positions {
		a.truncated = true
		return nil
	}
	if a.service.config.Cursors == nil && a.poll == nil {
		a.truncated = true
		return nil
	}
	position := a.last
	if row > 0 {
		var err error
		if position, err = a.found.Position(row - 1); err != nil {
			return err
		}
	}
	if a.poll != nil {
		a.cutPoll(position)
		return nil
	}
	then := a.placeNow()
	then.before, then.position = a.before+int64(a.query.offset)+a.written, position
	sealed, err := a.service.config.Cursors.Seal(ctx, then.marshal())
	if err != nil {
		return err
	}
	cursor := base64.RawURLEncoding.EncodeToString(sealed)
	if len(cursor) > maxCursor {
		return errLongCursor
	}
	a.next = cursor
	return nil
}

var errLongCursor = errors.New("the index and order of a row don't fit a cursor")
