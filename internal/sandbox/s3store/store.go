// Package s3store stores buckets and objects: an index in memory, ordered by
// key, and content behind an interface. Keys are never used as paths.
//
// Versions, settings and uploads never change once they are published, so a
// reader only needs the lock for the lookup. No lock is held while a body is
// read or written.
package s3store

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// The errors of the store.
var (
	ErrBucketExists   = errors.New("the bucket exists")
	ErrBucketNotEmpty = errors.New("the bucket is not empty")
	ErrNoBucket       = errors.New("there is no such bucket")
	ErrNoKey          = errors.New("there is no such key")
	ErrNoVersion      = errors.New("there is no such version")
	ErrNoUpload       = errors.New("there is no such upload")
	ErrGone           = errors.New("the version was removed a moment ago")
	ErrTorn           = errors.New("the body is not whole; put the object again")
)

// Journal stores committed changes.
type Journal interface {
	// Append adds records atomically, after all previous ones. The returned
	// function waits until they are durable.
	Append(records ...journal.Record) (wait func() error)
}

// Prefix begins the key of every record that a store writes.
const Prefix = "s3/"

// Store has all buckets. It is safe for concurrent use.
type Store struct {
	content  Content
	journal  Journal
	watcher  Watcher // may be nil
	sequence atomic.Uint64

	mu      sync.RWMutex
	buckets btree.Map[string, *Bucket]
}

// New returns an empty store. Without a journal the index is only in memory.
func New(content Content, log Journal) *Store { return &Store{content: content, journal: log} }

// Bucket is a bucket.
type Bucket struct {
	Name    string
	Account string
	Region  string
	Created time.Time

	mu       sync.RWMutex
	gone     bool
	settings *Settings
	objects  *btree.BTreeG[*object]
	uploads  btree.Map[string, *Upload] // by key, NUL, upload ID
}

// object is a key with its versions, newest first. It is replaced instead of
// changed.
type object struct {
	key      string
	versions []*Version
}

func newBucket(name, account, region string, created time.Time, settings *Settings) *Bucket {
	less := func(a, b *object) bool { return a.key < b.key }
	return &Bucket{
		Name: name, Account: account, Region: region, Created: created, settings: settings,
		objects: btree.NewBTreeGOptions(less, btree.Options{NoLocks: true}),
	}
}

// append commits records, together with the small bodies of these blobs.
func (s *Store) append(blobs []*Blob, records ...journal.Record) func() error {
	if s.journal == nil {
		return func() error { return nil }
	}
	var small []*Blob
	for _, blob := range blobs {
		if body := blob.small.Load(); body != nil {
			small = append(small, blob)
			records = append(records, journal.Record{Key: bodyKey(blob), Value: *body})
		}
	}
	wait := s.journal.Append(records...)
	return func() error {
		if err := wait(); err != nil {
			return err
		}
		for _, blob := range small {
			blob.small.Store(nil) // the journal has it now
		}
		return nil
	}
}

func record(key string, value any) journal.Record {
	text, err := json.Marshal(value)
	if err != nil { // can't fail: every value is a struct of plain fields
		text = []byte("null") // not nil, which would be a removal
	}
	return journal.Record{Key: Prefix + key, Value: text}
}

// CreateBucket creates a bucket. If the bucket exists, it returns
// [ErrBucketExists] and the existing bucket.
func (s *Store) CreateBucket(name, account, region string, created time.Time, settings *Settings) (*Bucket, error) {
	s.mu.Lock()
	if b, ok := s.buckets.Get(name); ok {
		s.mu.Unlock()
		return b, ErrBucketExists
	}
	b := newBucket(name, account, region, created, settings)
	s.buckets.Set(name, b)
	wait := s.append(nil, b.record())
	s.mu.Unlock()
	return b, wait()
}

// Bucket returns a bucket, or nil.
func (s *Store) Bucket(name string) *Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, _ := s.buckets.Get(name)
	return b
}

// Buckets returns an account's buckets by name, or those of all accounts if
// account is empty.
func (s *Store) Buckets(account string) []*Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*Bucket
	s.buckets.Scan(func(_ string, b *Bucket) bool {
		if account == "" || b.Account == account {
			list = append(list, b)
		}
		return true
	})
	return list
}

// DeleteBucket deletes an empty bucket.
func (s *Store) DeleteBucket(b *Bucket) error {
	s.mu.Lock()
	b.mu.Lock()
	if b.objects.Len() > 0 {
		b.mu.Unlock()
		s.mu.Unlock()
		return ErrBucketNotEmpty
	}
	if b.gone {
		b.mu.Unlock()
		s.mu.Unlock()
		return ErrNoBucket
	}
	b.gone = true
	records := []journal.Record{{Key: Prefix + "bucket/" + b.Name}}
	b.uploads.Scan(func(_ string, u *Upload) bool {
		records = append(records, u.dropped()...)
		return true
	})
	s.buckets.Delete(b.Name)
	wait := s.append(nil, records...)
	uploads := b.uploads.Values()
	b.mu.Unlock()
	s.mu.Unlock()
	for _, u := range uploads {
		u.release()
	}
	return wait()
}

// Settings returns the bucket's settings. Don't change them.
func (b *Bucket) Settings() *Settings {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.settings
}

// Configure changes the bucket's settings. change gets a copy.
func (s *Store) Configure(b *Bucket, change func(*Settings) error) error {
	b.mu.Lock()
	if b.gone {
		b.mu.Unlock()
		return ErrNoBucket
	}
	settings := b.settings.clone()
	if err := change(settings); err != nil {
		b.mu.Unlock()
		return err
	}
	b.settings = settings
	wait := s.append(nil, b.record())
	b.mu.Unlock()
	return wait()
}

type bucketRecord struct {
	Name     string
	Account  string
	Region   string
	Created  time.Time
	Settings *Settings
}

// record returns the bucket's journal record. The caller holds the bucket's
// lock.
func (b *Bucket) record() journal.Record {
	return record("bucket/"+b.Name, bucketRecord{b.Name, b.Account, b.Region, b.Created, b.settings})
}
