// Package deletion finds loaded objects that are no longer in their bucket, and
// decides whether they are too many to remove their rows at once.
package deletion

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/tabular"
)

// CodeGone is the code of a loaded entry whose object is no longer in the bucket.
const CodeGone = "gone"

// CodeApproved is the code of an entry whose rows were removed because a person
// approved it.
const CodeApproved = "approved"

// page is the number of ledger entries to read at a time.
const page = 1000

// Ledger returns what was loaded; engine.Engine implements it.
type Ledger interface {
	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]engine.LedgerEntry, error)
}

// Search describes what a [Finder] compares.
type Search struct {
	SourceID  string
	DatasetID string
	Prefix    string // of the listing
	// Began is the time when the listing began. Entries that were recorded later are passed
	// over, because the listing may be older than their objects.
	Began time.Time
}

// Finder compares a ledger with the listing of a bucket, both in the order of keys.
type Finder struct {
	ledger  Ledger
	search  Search
	after   string
	waiting []engine.LedgerEntry // read, but not compared yet
	ended   bool                 // the ledger was read to its end
	present map[string]bool      // keys in the bucket that may be archives
	last    string               // key of the last loaded entry

	// Loaded is the number of objects that are loaded.
	Loaded int
	// Gone has the loaded entries whose objects the bucket doesn't have.
	Gone []engine.LedgerEntry
	// Objects is the number of objects in Gone.
	Objects int
	// Back has the keys of loaded entries that are noted as gone and are in the bucket.
	Back []string
}

// NewFinder returns a finder. It expects every page of a complete listing.
func NewFinder(ledger Ledger, search Search) *Finder {
	return &Finder{ledger: ledger, search: search, present: map[string]bool{}}
}

// Listed compares the ledger with the next page of the bucket. last marks the last
// page.
func (f *Finder) Listed(ctx context.Context, listed []object.Info, last bool) error {
	if len(listed) == 0 && !last {
		return nil
	}
	there := make(map[string]bool, len(listed))
	for i := range listed {
		there[listed[i].Key] = true
	}
	for {
		for len(f.waiting) > 0 && (last || f.waiting[0].Object.Key <= listed[len(listed)-1].Key) {
			f.compare(&f.waiting[0], there)
			f.waiting = f.waiting[1:]
		}
		if len(f.waiting) > 0 || f.ended {
			return nil
		}
		if err := f.read(ctx); err != nil {
			return err
		}
	}
}

func (f *Finder) compare(e *engine.LedgerEntry, there map[string]bool) {
	key := e.Object.Key
	if there[key] && e.Rows == 0 {
		f.present[key] = true
	}
	if e.Outcome != engine.Loaded || !strings.HasPrefix(key, f.search.Prefix) {
		return
	}
	isNew := key != f.last || f.Loaded == 0
	f.last = key
	if isNew {
		f.Loaded++
	}
	switch {
	case there[key] || f.hasArchive(key):
		if e.Code == CodeGone {
			f.Back = append(f.Back, key)
		}
	case !e.Time.After(f.search.Began):
		f.Gone = append(f.Gone, *e)
		if n := len(f.Gone); n == 1 || f.Gone[n-2].Object.Key != key {
			f.Objects++
		}
	}
}

// hasArchive reports whether a key is that of an archive's member, and the archive is
// in the bucket. The ledger has the archive before its members.
func (f *Finder) hasArchive(key string) bool {
	for i := range key {
		if strings.HasPrefix(key[i:], tabular.MemberSeparator) && f.present[key[:i]] {
			return true
		}
	}
	return false
}

// read reads the next entries of the ledger.
func (f *Finder) read(ctx context.Context) error {
	var err error
	f.waiting, err = f.ledger.Ledger(ctx, f.search.SourceID, f.search.DatasetID, f.after, page)
	if err != nil {
		return fmt.Errorf("looking into the ledger: %w", err)
	}
	f.ended = len(f.waiting) == 0
	if !f.ended {
		f.after = f.waiting[len(f.waiting)-1].Object.Key
	}
	return nil
}

// few is the number of deleted objects from which the percentage counts.
const few = 10

// recently is how long removed objects count with those that are removed next, so
// that many deletions don't pass because they arrive in several batches.
const recently = time.Hour

// Share counts the deleted objects of a feed.
type Share struct {
	Gone    int // whose rows would be removed
	Loaded  int // with Gone
	Removed int // whose rows were removed recently, without a person's approval
}

// IsTooLarge reports whether the deleted objects are at least 10 and more than this
// percentage.
func (s Share) IsTooLarge(percent int) bool {
	gone := s.Gone + s.Removed
	return s.Gone > 0 && gone >= few && gone*100 > percent*(s.Loaded+s.Removed)
}

// Count counts the objects of a feed that are loaded, and those whose rows were removed
// recently. Gone stays 0.
func Count(ctx context.Context, ledger Ledger, sourceID, datasetID string, now time.Time) (Share, error) {
	var share Share
	loaded, removed := "", ""
	for after := ""; ; {
		entries, err := ledger.Ledger(ctx, sourceID, datasetID, after, page)
		if err != nil {
			return Share{}, fmt.Errorf("looking into the ledger: %w", err)
		}
		if len(entries) == 0 {
			return share, nil
		}
		for i := range entries {
			e := &entries[i]
			switch {
			case e.Outcome == engine.Loaded && e.Object.Key != loaded:
				share.Loaded, loaded = share.Loaded+1, e.Object.Key
			case e.Outcome == engine.Removed && e.Code != CodeApproved && e.Object.Key != removed &&
				now.Sub(e.Time) < recently:
				share.Removed, removed = share.Removed+1, e.Object.Key
			}
		}
		after = entries[len(entries)-1].Object.Key
	}
}
