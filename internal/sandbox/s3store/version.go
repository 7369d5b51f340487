package s3store

import (
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// NullVersion is the ID of a version that was put while versioning was off.
const NullVersion = "null"

// Version is one version of an object, or a delete marker. It never changes.
type Version struct {
	Bucket       string
	Key          string
	ID           string // [NullVersion] or 32 characters
	Sequence     uint64 // a later version has a higher one
	DeleteMarker bool   `json:",omitempty"`
	Size         int64
	ETag         string            // without quotes
	Modified     time.Time         // whole seconds, as HTTP shows it
	Headers      map[string]string `json:",omitempty"` // Content-Type and its like, canonical names
	Metadata     map[string]string `json:",omitempty"` // of the user, lower-case names without x-amz-meta-
	Checksum     Checksum          `json:",omitzero"`
	PartSizes    []int64           `json:",omitempty"` // of a multipart object
	PartSums     []string          `json:",omitempty"` // checksums of the parts, when they were given
	Tags         []directory.Tag   `json:",omitempty"`
	StorageClass string            `json:",omitempty"` // empty: STANDARD
	Encryption   Encryption        `json:",omitzero"`
	CustomerKey  string            `json:",omitempty"` // MD5 of the customer's key, for SSE-C
	Owner        string            // account ID
	ACL          *ACL              `json:",omitempty"` // nil: private
	Retention    Retention         `json:",omitzero"`
	Restored     time.Time         `json:",omitzero"`  // until when a copy of an archived object can be read
	Upload       string            `json:",omitempty"` // ID of the multipart upload that made it
	Segments     []Segment         `json:",omitempty"`
}

// Segment is a piece of an object's body.
type Segment struct{ Blob *Blob }

// Checksum is one of the additional checksums of an object or a part.
type Checksum struct {
	Algorithm string `json:",omitempty"` // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"; empty: none
	Value     string `json:",omitempty"` // base 64
	Type      string `json:",omitempty"` // "FULL_OBJECT", "COMPOSITE"
}

// Retention is the object lock of a version.
type Retention struct {
	Mode  string    `json:",omitempty"` // "GOVERNANCE", "COMPLIANCE"
	Until time.Time `json:",omitzero"`
	Hold  bool      `json:",omitempty"` // legal hold

	HoldSet bool `json:",omitempty"` // Hold was said, be it to be off
}

func (v *Version) recordKey() string { return "object/" + v.Bucket + "/" + v.ID + "/" + v.Key }

func (v *Version) record() journal.Record { return record(v.recordKey(), v) }

func (v *Version) dropped() journal.Record { return journal.Record{Key: Prefix + v.recordKey()} }

// pin keeps the body from being removed while it is read; it fails when that
// has happened.
func (v *Version) pin() bool {
	for i := range v.Segments {
		if !v.Segments[i].Blob.acquire() {
			for j := range i {
				v.Segments[j].Blob.release()
			}
			return false
		}
	}
	return true
}

func (v *Version) blobs() []*Blob {
	blobs := make([]*Blob, len(v.Segments))
	for i := range v.Segments {
		blobs[i] = v.Segments[i].Blob
	}
	return blobs
}

func (v *Version) release() {
	for i := range v.Segments {
		v.Segments[i].Blob.release()
	}
}

// Locked reports whether a version may not be removed now. bypass passes over a
// governance lock.
func (v *Version) Locked(now time.Time, bypass bool) bool {
	if v.Retention.Hold {
		return true
	}
	if v.Retention.Mode == "" || !now.Before(v.Retention.Until) {
		return false
	}
	return v.Retention.Mode == "COMPLIANCE" || !bypass
}
