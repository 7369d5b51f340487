package s3store

import "github.com/windlass-io/windlass/internal/sandbox/journal"

// Cause is the request that changes an object, for events of the bucket.
type Cause struct {
	Events    []string // such as "ObjectCreated:Put", in order
	Principal string   // unique ID of the caller
	IP        string
	RequestID string
}

// Change is a committed change of an object.
type Change struct {
	Bucket   *Bucket
	Settings *Settings
	Version  *Version // the new or removed version
	ID       string   // version ID, or empty in a bucket that was never versioned
	Removed  bool     // the version was removed: it has no content
	Cause    *Cause
}

// Watcher creates events for changes.
type Watcher interface {
	// Changed returns records to commit along with a change, and a function to
	// call when they are appended. It is called under the bucket's lock.
	Changed(change *Change) (records []journal.Record, publish func())
}

// Watch sets the watcher of all changes. Call it before the store is used.
func (s *Store) Watch(w Watcher) { s.watcher = w }

// changed returns the records of a change's events.
func (s *Store) changed(b *Bucket, v *Version, removed bool, cause *Cause) (records []journal.Record, publish func()) {
	if s.watcher == nil || cause == nil {
		return nil, func() {}
	}
	change := &Change{Bucket: b, Settings: b.settings, Version: v, Removed: removed, Cause: cause}
	if b.settings.Versioning != NeverVersioned {
		change.ID = v.ID
	}
	return s.watcher.Changed(change)
}

// of returns the cause of these events.
func (c *Cause) of(events ...string) *Cause {
	if c == nil {
		return nil
	}
	other := *c
	other.Events = events
	return &other
}
