package s3store

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// maxVersions limits the versions of one key.
const maxVersions = 10_000

// NewVersionID returns a new version ID of 32 characters.
func NewVersionID() string { return rand.Text() + rand.Text()[:6] }

// Put makes v the newest version of its key and returns it with its ID. Put
// calls check, unless it is nil, under the lock with the current version, or
// nil for a missing object or a delete marker; an error aborts the put. The
// store owns v and its blobs, and drops the blobs if Put fails.
func (s *Store) Put(b *Bucket, v *Version, check func(current *Version) error) (*Version, error) {
	v.Bucket = b.Name
	b.mu.Lock()
	stored, dropped, wait, err := s.put(b, v, check, nil)
	b.mu.Unlock()
	if err != nil {
		v.release()
		return nil, err
	}
	release(dropped)
	return stored, wait()
}

// put does the work of Put under the bucket's lock, and commits more records
// along with it.
func (s *Store) put(
	b *Bucket,
	v *Version,
	check func(*Version) error,
	more []journal.Record,
) (*Version, []*Version, func() error, error) {
	if b.gone {
		return nil, nil, nil, ErrNoBucket
	}
	var versions []*Version
	if o, ok := b.objects.Get(&object{key: v.Key}); ok {
		versions = o.versions
	}
	if check != nil {
		if err := check(current(versions)); err != nil {
			return nil, nil, nil, err
		}
	}
	v.ID = NullVersion
	if b.settings.Versioning == Enabled {
		v.ID = NewVersionID()
	}
	v.Sequence = s.sequence.Add(1)
	kept, dropped := split(versions, NullVersion, v.ID == NullVersion)
	if len(kept) >= maxVersions {
		kept, dropped = kept[:maxVersions-1], append(dropped, kept[maxVersions-1:]...)
	}
	records := make([]journal.Record, 0, 1+len(more))
	records = append(records, v.record())
	for _, old := range dropped {
		if old.ID != v.ID { // the new record replaces one with the same ID
			records = append(records, old.dropped())
		}
	}
	events, publish := s.changed(b, v, false, v.Cause)
	v.Cause = nil
	wait := s.append(v.blobs(), append(append(records, more...), events...)...)
	b.objects.Set(&object{v.Key, slices.Insert(kept, 0, v)})
	publish()
	return v, dropped, wait, nil
}

// split separates the version with an ID from a list. It doesn't change the
// list.
func split(versions []*Version, id string, take bool) (kept, taken []*Version) {
	kept = make([]*Version, 0, len(versions)+1)
	for _, v := range versions {
		if take && v.ID == id {
			taken = append(taken, v)
		} else {
			kept = append(kept, v)
		}
	}
	return kept, taken
}

func release(versions []*Version) {
	for _, v := range versions {
		v.release()
	}
}

// current returns the newest version unless it is a delete marker.
func current(versions []*Version) *Version {
	if len(versions) == 0 || versions[0].DeleteMarker {
		return nil
	}
	return versions[0]
}

// Get returns a version, or the newest one if the ID is empty. It may be a
// delete marker.
func (b *Bucket) Get(key, id string) (*Version, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	o, ok := b.objects.Get(&object{key: key})
	if !ok {
		if id != "" {
			return nil, ErrNoVersion
		}
		return nil, ErrNoKey
	}
	if id == "" {
		return o.versions[0], nil
	}
	for _, v := range o.versions {
		if v.ID == id {
			return v, nil
		}
	}
	return nil, ErrNoVersion
}

// Completed returns the version that an upload created, or nil.
func (b *Bucket) Completed(key, uploadID string) *Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	o, ok := b.objects.Get(&object{key: key})
	if !ok || uploadID == "" {
		return nil
	}
	for _, v := range o.versions {
		if v.Upload == uploadID {
			return v
		}
	}
	return nil
}

// Reader reads a version's body. It must be closed.
type Reader struct{ version *Version }

// Open pins a version's body. The error is [ErrGone] if the version was
// removed since it was looked up, and wraps [ErrTorn] if a power cut damaged
// the body.
func (v *Version) Open() (*Reader, error) {
	if !v.pin() {
		return nil, ErrGone
	}
	for _, segment := range v.Segments {
		if err := segment.Blob.content.Check(segment.Blob); err != nil {
			v.release()
			return nil, fmt.Errorf("opening version %s of %s/%s: %w", v.ID, v.Bucket, v.Key, err)
		}
	}
	return &Reader{v}, nil
}

// Close releases the body.
func (r *Reader) Close() { r.version.release() }

// Send writes a part of the body to w.
func (r *Reader) Send(w io.Writer, offset, length int64) error {
	for _, segment := range r.version.Segments {
		blob := segment.Blob
		if length == 0 {
			return nil
		}
		if offset >= blob.Size {
			offset -= blob.Size
			continue
		}
		n := min(blob.Size-offset, length)
		if err := blob.content.Send(w, blob, offset, n); err != nil {
			return err
		}
		offset, length = 0, length-n
	}
	return nil
}

// Deleted is the result of a deletion.
type Deleted struct {
	VersionID    string // of the removed version or the new delete marker; may be empty
	DeleteMarker bool   // whether VersionID is a delete marker
}

// Deletion describes a version to delete.
type Deletion struct {
	Key   string
	ID    string // empty: removes the object or adds a delete marker, depending on the bucket's versioning
	Now   time.Time
	Owner string // of the delete marker

	// Check works as in [Store.Put], with the named or the newest version.
	Check func(*Version) error
	Cause *Cause // without its events; may be nil
}

// Delete removes one version. Deleting a missing object isn't an error.
func (s *Store) Delete(b *Bucket, d *Deletion) (Deleted, error) {
	b.mu.Lock()
	result, dropped, wait, err := s.remove(b, d)
	b.mu.Unlock()
	if err != nil {
		return Deleted{}, err
	}
	release(dropped)
	return result, wait()
}

func (s *Store) remove(b *Bucket, d *Deletion) (Deleted, []*Version, func() error, error) {
	key, id := d.Key, d.ID
	noWait := func() error { return nil }
	if b.gone {
		return Deleted{}, nil, nil, ErrNoBucket
	}
	o, ok := b.objects.Get(&object{key: key})
	if !ok {
		o = &object{key: key}
	}
	if d.Check != nil {
		if err := d.Check(o.find(id)); err != nil {
			return Deleted{}, nil, nil, err
		}
	}
	if id == "" && b.settings.Versioning != NeverVersioned {
		marker := &Version{Bucket: b.Name, Key: key, DeleteMarker: true, Modified: d.Now, Owner: d.Owner}
		marker.Cause = d.Cause.of("ObjectRemoved:DeleteMarkerCreated")
		_, dropped, wait, err := s.put(b, marker, nil, nil)
		return Deleted{marker.ID, true}, dropped, wait, err
	}
	target := id
	if id == "" {
		target = NullVersion
	}
	kept, dropped := split(o.versions, target, true)
	if len(dropped) == 0 {
		return Deleted{VersionID: id}, nil, noWait, nil
	}
	if len(kept) == 0 {
		b.objects.Delete(o)
	} else {
		b.objects.Set(&object{key, kept})
	}
	events, publish := s.changed(b, dropped[0], true, d.Cause.of("ObjectRemoved:Delete"))
	wait := s.append(nil, append(events, dropped[0].dropped())...)
	publish()
	return Deleted{id, dropped[0].DeleteMarker}, dropped, wait, nil
}

// find returns the version with an ID, or the current one if the ID is empty.
// It returns nil if there is no such version.
func (o *object) find(id string) *Version {
	if id == "" {
		return current(o.versions)
	}
	for _, v := range o.versions {
		if v.ID == id {
			return v
		}
	}
	return nil
}

// Amend replaces a version with a changed copy that has the same ID, position
// and body.
func (s *Store) Amend(b *Bucket, key, id string, change func(*Version) error) (*Version, error) {
	b.mu.Lock()
	o, ok := b.objects.Get(&object{key: key})
	if !ok {
		b.mu.Unlock()
		return nil, ErrNoKey
	}
	at := 0
	if id != "" {
		at = slices.IndexFunc(o.versions, func(v *Version) bool { return v.ID == id })
	}
	if at < 0 {
		b.mu.Unlock()
		return nil, ErrNoVersion
	}
	changed := *o.versions[at]
	if err := change(&changed); err != nil {
		b.mu.Unlock()
		return nil, err
	}
	versions := slices.Clone(o.versions)
	versions[at] = &changed
	events, publish := s.changed(b, &changed, false, changed.Cause)
	changed.Cause = nil
	b.objects.Set(&object{key, versions})
	wait := s.append(nil, append(events, changed.record())...)
	publish()
	b.mu.Unlock()
	return &changed, wait()
}
