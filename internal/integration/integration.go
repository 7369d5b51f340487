// Package integration manages customers' roles: the role, its External ID, its
// locations, the documents to paste, and whether it can be used.
//
//	            Create                Update: role ARN
//	(nothing) ─────────► reserved ───────────────────► unverified ◄──┐
//	                        │                              │         │ an edit, Enable,
//	           after 48 h,  │                   the doctor │         │ Restore
//	           or Remove    ▼                              ▼         │
//	                     removed ◄── Remove ── propagating · verified · failing · insecure
//	                        │                        ▲                   │
//	                        └── Restore, for 24 h    └──── disabled ◄────┘ Disable
//
// The state is that of reading; what else an integration is for has a state of its
// own, see [Part]. Only a verified integration can be used. Only package doctor changes the
// state to verified. Its verdict is for one revision, which increases with
// every change that affects AWS's decisions; a verdict for an older revision
// has no effect.
package integration

import (
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// State is the state of an integration.
type State string

// The states.
const (
	Reserved    State = "reserved"    // has an External ID, but no role yet
	Unverified  State = "unverified"  // has a role, but it isn't verified since the last change
	Propagating State = "propagating" // AWS denied access soon after a change; IAM may still be propagating it
	Verified    State = "verified"    // all checks passed
	Failing     State = "failing"     // a check failed
	Insecure    State = "insecure"    // the role can be assumed without the External ID, or with a wrong one
	Disabled    State = "disabled"    // disabled by a member
	Removed     State = "removed"     // removed; can be restored for a while
)

// Mode is the access of an integration to its locations.
type Mode string

// The modes.
const (
	Read      Mode = "read"      // list and get
	ReadWrite Mode = "readwrite" // also put and delete
)

// Time limits.
const (
	ReservedFor  = 48 * time.Hour   // after which a reservation without a role is removed
	RestoredFor  = 24 * time.Hour   // during which a removal can be undone
	DrainFor     = 10 * time.Minute // during which running loads continue after a removal
	SpreadingFor = 2 * time.Minute  // that IAM may need to propagate a change
)

// Limits.
const (
	MaxPerWorkspace = 100 // integrations, without removed ones, by default
	MaxLocations    = 8   // of one integration: a verification lists each, within 20 calls
	MaxKMSKeys      = 20
	maxWebhook      = 512 // bytes of a webhook's URL
)

// Integration is a customer's role and its purposes.
type Integration struct {
	ID             string            // "int_…"
	Workspace      string            // ID
	Name           string            // unique in the workspace, except among removed integrations
	State          State             // of reading
	Reason         string            // of the state, one sentence; may be empty
	Parts          map[Part]Standing // of its purposes other than reading
	ExternalID     assume.ExternalID // in use
	NextExternalID assume.ExternalID // during a rotation; otherwise empty
	// PreviousExternalID is that of the last rotation, until the role is known to
	// refuse it; then empty.
	PreviousExternalID assume.ExternalID
	PrincipalARN       string            // Windlass's principal, "User ARN" in the console
	RoleARN            assume.RoleARN    // empty while reserved
	Locations          []object.Location // none until declared; at most [MaxLocations]
	Access             Mode
	Region             string // of the buckets; empty: found automatically
	Endpoint           string // of an S3-compatible service; empty for AWS
	RequesterPays      bool
	KMSKeyARNs         []string
	SessionLength      time.Duration // 15 minutes to 12 hours
	Vending            bool          // grants may use it: the role accepts sessions with a source identity and tags

	Onboarded bool // of a new integration: it comes from onboarding

	// Queues has the queues that the role reads events from, for the permission
	// policy. The service fills them in where it returns one integration.
	Queues []generate.Queue

	WebhookURL string // notified when the integration stops or starts working; optional

	Revision int64 // increases with changes that need a verification
	// ReadRevision is the revision of the last change that affects reading.
	ReadRevision int64
	Version      int64 // increases with every change
	CreatedAt    time.Time
	EditedAt     time.Time // of the last change of Revision
	VerifiedAt   time.Time // of the last successful verification; zero: never
	RemovedAt    time.Time // zero unless removed
}

// ExpiresAt returns when a reservation without a role is removed. It is zero
// for an integration with a role.
func (i *Integration) ExpiresAt() time.Time {
	if i.State != Reserved {
		return time.Time{}
	}
	return i.CreatedAt.Add(ReservedFor)
}

// Spreading reports whether IAM may not have propagated the last change yet.
func (i *Integration) Spreading(now time.Time) bool {
	return now.Before(i.EditedAt.Add(SpreadingFor))
}

// ExternalIDs returns the External IDs in the trust policy: the one in use, and
// the next one during a rotation.
func (i *Integration) ExternalIDs() []string {
	ids := []string{string(i.ExternalID)}
	if i.NextExternalID != "" {
		ids = append(ids, string(i.NextExternalID))
	}
	return ids
}

// in returns the locations in a bucket.
func (i *Integration) in(bucket string) []object.Location {
	var found []object.Location
	for _, l := range i.Locations {
		if l.Bucket == bucket {
			found = append(found, l)
		}
	}
	return found
}
