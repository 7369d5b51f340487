package s3store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Load restores one record of the journal. Records may come in any order and
// from several goroutines. Don't use the store before all are loaded.
func (s *Store) Load(r journal.Record) error {
	kind, _, _ := strings.Cut(strings.TrimPrefix(r.Key, Prefix), "/")
	switch kind {
	case "bucket":
		return load(s, r, s.loadBucket)
	case "object":
		return load(s, r, s.loadVersion)
	case "upload":
		return load(s, r, s.loadUpload)
	case "part":
		return load(s, r, s.loadPart)
	default:
		return fmt.Errorf("record %q is of an unknown kind", r.Key)
	}
}

// load parses a record, which takes most of the time, and then restores it
// under the store's lock.
func load[T any](s *Store, r journal.Record, put func(*T)) error {
	row := new(T)
	if err := json.Unmarshal(r.Value, row); err != nil {
		return fmt.Errorf("reading record %q: %w", r.Key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	put(row)
	return nil
}

func (s *Store) loadBucket(row *bucketRecord) {
	b := s.loading(row.Name)
	b.Account, b.Region, b.Created, b.settings = row.Account, row.Region, row.Created, row.Settings
}

func (s *Store) loadVersion(v *Version) {
	for i := range v.Segments {
		v.Segments[i].Blob.restored(s.content)
	}
	if v.Sequence > s.sequence.Load() {
		s.sequence.Store(v.Sequence)
	}
	b := s.loading(v.Bucket)
	versions := []*Version{v}
	if o, ok := b.objects.Get(&object{key: v.Key}); ok {
		versions = append(slices.Clone(o.versions), v)
		slices.SortFunc(versions, func(x, y *Version) int { return cmp.Compare(y.Sequence, x.Sequence) })
	}
	b.objects.Set(&object{v.Key, versions})
}

func (s *Store) loadUpload(u *Upload) {
	b := s.loading(u.Bucket)
	u.parts = b.upload(u.Key, u.ID).parts
	b.uploads.Set(u.indexKey(), u)
}

func (s *Store) loadPart(p *Part) {
	p.Blob.restored(s.content)
	s.loading(p.Bucket).upload(p.Key, p.Upload).parts.Set(p.Number, p)
}

// loading returns the bucket of a record, which may come before the bucket's
// own record.
func (s *Store) loading(name string) *Bucket {
	b, ok := s.buckets.Get(name)
	if !ok {
		b = newBucket(name, "", "", time.Time{}, nil)
		s.buckets.Set(name, b)
	}
	return b
}

func (b *Bucket) upload(key, id string) *Upload {
	u := &Upload{Bucket: b.Name, Key: key, ID: id}
	if have, ok := b.uploads.Get(u.indexKey()); ok {
		return have
	}
	u.parts = &btree.Map[int, *Part]{}
	b.uploads.Set(u.indexKey(), u)
	return u
}
