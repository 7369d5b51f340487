package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
)

// integrationView is an integration as pages show it.
type integrationView struct {
	ID           string
	Name         string
	State        string
	Reason       string // why the state is what it is
	ExternalID   string
	PrincipalARN string // the seed's "User ARN"
	NextID       string // the next External ID, while it is being changed
	RoleARN      string // empty while reserved
	Locations    []locationView
	Access       string // "read" or "readwrite"
	Region       string
	Endpoint     string
	CreatedAt    time.Time
	VerifiedAt   time.Time // zero: never
	ExpiresAt    time.Time // of a reservation; else zero
	RemovedAt    time.Time // of a removed one; else zero
	Vending      bool
	KMSKeys      []string // ARNs
	Pays         bool     // the bucket is "requester pays"
	Session      string   // length of a session, when it is not an hour
	Webhook      string
}

// locationView is a declared bucket and prefix.
type locationView struct{ Bucket, Prefix string }

// Address is the location as s3://bucket/prefix/.
func (l locationView) Address() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Path is the integration's page.
func (i integrationView) Path() string { return integrationPath(i.ID) }

// Chip returns the chip that shows the state.
func (i integrationView) Chip() chip { return integrationChip(i.State) }

// Addresses are the locations as s3:// addresses.
func (i integrationView) Addresses() []string {
	addresses := make([]string, len(i.Locations))
	for n, l := range i.Locations {
		addresses[n] = l.Address()
	}
	return addresses
}

// RestorableUntil is when a removal can no longer be undone.
func (i integrationView) RestorableUntil() time.Time { return i.RemovedAt.Add(integration.RestoredFor) }

// AccessName is the access in words.
func (i integrationView) AccessName() string {
	if i.Access == "readwrite" {
		return "Read and write"
	}
	return "Read only"
}

func viewIntegration(i integration.Integration) integrationView {
	v := integrationView{
		ID: i.ID, Name: i.Name, State: string(i.State), Reason: i.Reason,
		ExternalID: string(i.ExternalID), PrincipalARN: i.PrincipalARN, RoleARN: string(i.RoleARN),
		Access: string(i.Access), Region: i.Region, Endpoint: i.Endpoint,
		CreatedAt: i.CreatedAt, VerifiedAt: i.VerifiedAt, ExpiresAt: i.ExpiresAt(), NextID: string(i.NextExternalID),
		RemovedAt: i.RemovedAt, Vending: i.Vending,
		KMSKeys: i.KMSKeyARNs, Pays: i.RequesterPays, Webhook: i.WebhookURL,
	}
	if i.SessionLength != assume.DefaultDuration {
		v.Session = lengthName(i.SessionLength)
	}
	for _, l := range i.Locations {
		v.Locations = append(v.Locations, locationView{l.Bucket, l.Prefix})
	}
	return v
}

// lengthName is a length of whole hours or minutes, in words.
func lengthName(length time.Duration) string {
	if length%time.Hour == 0 {
		return plural(int(length.Hours()), "hour", "hours")
	}
	return plural(int(length.Minutes()), "minute", "minutes")
}
