package s3store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Upload is a multipart upload in progress.
type Upload struct {
	Bucket    string
	Key       string
	ID        string
	Initiated time.Time
	Initiator string   // ARN
	Version   *Version // the future object without its body
	parts     *btree.Map[int, *Part]
}

// Part is a part of an upload. It is immutable.
type Part struct {
	Bucket   string
	Key      string
	Upload   string
	Number   int
	Blob     *Blob
	ETag     string
	Checksum Checksum
	Joinable Checksum `json:",omitzero"` // the checksum from which the object's is computed, if it differs
	Modified time.Time
}

func (u *Upload) indexKey() string { return u.Key + "\x00" + u.ID }

func (u *Upload) recordKey() string { return "upload/" + u.Bucket + "/" + u.ID + "/" + u.Key }

func (p *Part) recordKey() string {
	return fmt.Sprintf("part/%s/%s/%d", p.Bucket, p.Upload, p.Number)
}

// dropped returns the records that remove an upload and its parts.
func (u *Upload) dropped() []journal.Record {
	records := []journal.Record{{Key: Prefix + u.recordKey()}}
	u.parts.Scan(func(_ int, p *Part) bool {
		records = append(records, journal.Record{Key: Prefix + p.recordKey()})
		return true
	})
	return records
}

// CreateUpload creates a multipart upload.
func (s *Store) CreateUpload(b *Bucket, u *Upload) error {
	u.Bucket, u.parts = b.Name, &btree.Map[int, *Part]{}
	b.mu.Lock()
	if b.gone {
		b.mu.Unlock()
		return ErrNoBucket
	}
	b.uploads.Set(u.indexKey(), u)
	wait := s.append(nil, record(u.recordKey(), u))
	b.mu.Unlock()
	return wait()
}

// Upload returns an upload, or [ErrNoUpload].
func (b *Bucket) Upload(key, id string) (*Upload, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	u, ok := b.uploads.Get((&Upload{Key: key, ID: id}).indexKey())
	if !ok {
		return nil, ErrNoUpload
	}
	return u, nil
}

// PutPart adds a part, or replaces the one with the same number. The store
// owns its blob.
func (s *Store) PutPart(b *Bucket, u *Upload, p *Part) error {
	p.Bucket, p.Key, p.Upload = b.Name, u.Key, u.ID
	b.mu.Lock()
	if _, ok := b.uploads.Get(u.indexKey()); !ok {
		b.mu.Unlock()
		p.Blob.release()
		return ErrNoUpload
	}
	old, had := u.parts.Set(p.Number, p)
	wait := s.append([]*Blob{p.Blob}, record(p.recordKey(), p))
	b.mu.Unlock()
	if had {
		old.Blob.release()
	}
	return wait()
}

// Parts returns an upload's parts, sorted by number.
func (b *Bucket) Parts(u *Upload) []*Part {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return u.parts.Values()
}

// Complete creates the upload's object from these parts, in this order, and
// ends the upload. It drops other parts. check works as in [Store.Put].
func (s *Store) Complete(
	b *Bucket,
	u *Upload,
	v *Version,
	parts []*Part,
	check func(*Version) error,
) (*Version, error) {
	v.Bucket = b.Name
	for _, p := range parts {
		v.Segments = append(v.Segments, Segment{p.Blob})
	}
	b.mu.Lock()
	if _, ok := b.uploads.Get(u.indexKey()); !ok {
		b.mu.Unlock()
		return nil, ErrNoUpload
	}
	for _, p := range parts {
		if have, _ := u.parts.Get(p.Number); have != p {
			b.mu.Unlock()
			return nil, ErrNoUpload
		}
	}
	stored, dropped, wait, err := s.put(b, v, check, u.dropped())
	if err != nil {
		b.mu.Unlock()
		return nil, err
	}
	b.uploads.Delete(u.indexKey())
	left := slices.DeleteFunc(u.parts.Values(), func(p *Part) bool { return slices.Contains(parts, p) })
	b.mu.Unlock()
	release(dropped)
	for _, p := range left {
		p.Blob.release()
	}
	return stored, wait()
}

// Abort drops an upload and its parts.
func (s *Store) Abort(b *Bucket, u *Upload) error {
	b.mu.Lock()
	if _, ok := b.uploads.Delete(u.indexKey()); !ok {
		b.mu.Unlock()
		return ErrNoUpload
	}
	wait := s.append(nil, u.dropped()...)
	b.mu.Unlock()
	u.release()
	return wait()
}

// release drops the bodies of an ended upload.
func (u *Upload) release() {
	for _, p := range u.parts.Values() {
		p.Blob.release()
	}
}

// Uploads returns the uploads whose keys have a prefix, sorted by key and then
// by ID.
func (b *Bucket) Uploads(prefix string) []*Upload {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []*Upload
	b.uploads.Ascend(prefix, func(_ string, u *Upload) bool {
		if !strings.HasPrefix(u.Key, prefix) {
			return false
		}
		list = append(list, u)
		return true
	})
	return list
}
