package s3store

import (
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// NullVersion is the ID of a version that was created while versioning was
// off.
const NullVersion = "null"

// Version is one version of an object, or a delete marker. It is immutable.
type Version struct {
	Bucket       string
	Key          string
	ID           string // [NullVersion] or 32 characters
	Sequence     uint64 // higher for later versions
	DeleteMarker bool   `json:",omitempty"`
	Size         int64
	ETag         string            // without quotes
	Modified     time.Time         // in whole seconds, as in HTTP
	Headers      map[string]string `json:",omitempty"` // such as Content-Type; canonical names
	Metadata     map[string]string `json:",omitempty"` // the user's; lower-case names without x-amz-meta-
	Checksum     Checksum          `json:",omitzero"`
	PartSizes    []int64           `json:",omitempty"` // of a multipart object
	PartSums     []string          `json:",omitempty"` // checksums of the parts, if the caller sent them
	Tags         []directory.Tag   `json:",omitempty"`
	StorageClass string            `json:",omitempty"` // empty: STANDARD
	Encryption   Encryption        `json:",omitzero"`
	CustomerKey  string            `json:",omitempty"` // MD5 of the customer's key, for SSE-C
	Owner        string            // account ID
	ACL          *ACL              `json:",omitempty"` // nil: private
	Retention    Retention         `json:",omitzero"`
	Restored     time.Time         `json:",omitzero"`  // when a restored copy of an archived object expires
	Upload       string            `json:",omitempty"` // ID of the multipart upload that created it
	Segments     []Segment         `json:",omitempty"`
	Cause        *Cause            `json:"-"` // of a change that is being made
}

// Segment is a part of an object's body.
type Segment struct{ Blob *Blob }

// Checksum is one of the additional checksums of an object or a part.
type Checksum struct {
	Algorithm string `json:",omitempty"` // "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"; empty: none
	Value     string `json:",omitempty"` // base64
	Type      string `json:",omitempty"` // "FULL_OBJECT", "COMPOSITE"
}

// Retention is the object lock of a version.
type Retention struct {
	Mode  string    `json:",omitempty"` // "GOVERNANCE", "COMPLIANCE"
	Until time.Time `json:",omitzero"`
	Hold  bool      `json:",omitempty"` // legal hold

	HoldSet bool `json:",omitempty"` // whether Hold was set, even to false
}

func (v *Version) recordKey() string { return "object/" + v.Bucket + "/" + v.ID + "/" + v.Key }

func (v *Version) record() journal.Record { return record(v.recordKey(), v) }

func (v *Version) dropped() journal.Record { return journal.Record{Key: Prefix + v.recordKey()} }

// pin keeps the body from being removed while it is read. It fails if the body
// was removed.
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

// Locked reports whether a version can't be removed now. bypass ignores a
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
