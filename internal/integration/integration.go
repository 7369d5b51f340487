// Package integration is a customer's role: which role, what it demands, which
// locations it opens, what the customer must paste, and whether it may be used.
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
// Only a verified integration gives access. What makes it verified is package
// doctor's verdict alone; what the verdict was about is the revision, which
// every edit of a matter that AWS decides on counts up, so that a verdict on an
// older revision changes nothing.
package integration

import (
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

// State says how far an integration has come.
type State string

// The states.
const (
	Reserved    State = "reserved"    // External ID and principal are known, no role yet
	Unverified  State = "unverified"  // there is a role; nothing is proven about it as it is now
	Propagating State = "propagating" // a refusal soon after an edit: IAM may still be spreading it
	Verified    State = "verified"    // the doctor's checks passed
	Failing     State = "failing"     // a check failed
	Insecure    State = "insecure"    // the role can be assumed without the External ID, or with a wrong one
	Disabled    State = "disabled"    // switched off by a person
	Removed     State = "removed"     // gone, and for a while to be had back
)

// Mode is what an integration may do in its locations.
type Mode string

// The modes.
const (
	Read      Mode = "read"      // list and get
	ReadWrite Mode = "readwrite" // also put and delete
)

// How long things last.
const (
	ReservedFor  = 48 * time.Hour   // a reservation without a role
	RestoredFor  = 24 * time.Hour   // a removal can be undone
	DrainFor     = 10 * time.Minute // loads that run at a removal may go on
	SpreadingFor = 2 * time.Minute  // IAM may take to spread an edit
)

// Bounds.
const (
	MaxPerWorkspace = 100 // integrations that are not removed, by default
	MaxLocations    = 8   // of one integration: a verification lists each, within 20 calls
	MaxKMSKeys      = 20
	maxWebhook      = 512 // characters of a webhook's address
)

// Integration is one customer role and what it is for.
type Integration struct {
	ID             string // "int_…"
	Workspace      string // workspace ID
	Name           string // unique among those of the workspace that are not removed
	State          State
	Reason         string            // why the state is what it is: one sentence, empty when it needs none
	ExternalID     assume.ExternalID // the one that is used
	NextExternalID assume.ExternalID // while it is being rotated; else empty
	PrincipalARN   string            // who Windlass is to AWS: the seed's "User ARN"
	RoleARN        assume.RoleARN    // empty while reserved
	Locations      []object.Location // none until declared; at most [MaxLocations]
	Access         Mode
	Region         string // of the buckets; empty: learned
	Endpoint       string // of an S3-compatible service; empty: AWS
	RequesterPays  bool
	KMSKeyARNs     []string
	SessionLength  time.Duration // of a role session; 15 minutes to 12 hours
	Vending        bool          // grants may vend through it: the role lets sessions bear Windlass's names for people and jobs

	WebhookURL string // told when the state turns from verified or to it; empty: nobody

	Revision   int64 // counts edits of what a verification is about
	Version    int64 // counts every change
	CreatedAt  time.Time
	EditedAt   time.Time // of the last edit that the revision counts
	VerifiedAt time.Time // when the doctor last found it good; zero: never
	RemovedAt  time.Time // zero unless removed
}

// ExpiresAt is when a reservation without a role ends; zero when it has a role.
func (i *Integration) ExpiresAt() time.Time {
	if i.State != Reserved {
		return time.Time{}
	}
	return i.CreatedAt.Add(ReservedFor)
}

// Spreading says whether an edit is so young that IAM may not have spread it.
func (i *Integration) Spreading(now time.Time) bool {
	return now.Before(i.EditedAt.Add(SpreadingFor))
}

// ExternalIDs are what the trust policy names: the one that is used, and the
// next one while it is being rotated.
func (i *Integration) ExternalIDs() []string {
	ids := []string{string(i.ExternalID)}
	if i.NextExternalID != "" {
		ids = append(ids, string(i.NextExternalID))
	}
	return ids
}

// in gives the locations in a bucket.
func (i *Integration) in(bucket string) []object.Location {
	var found []object.Location
	for _, l := range i.Locations {
		if l.Bucket == bucket {
			found = append(found, l)
		}
	}
	return found
}
