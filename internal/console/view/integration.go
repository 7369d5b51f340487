package view

import (
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/integration"
)

// Integration is an integration as pages show it.
type Integration struct {
	ID           string
	Name         string
	State        string
	Reason       string // the reason for the state
	ExternalID   string
	PrincipalARN string // the seed's "User ARN"
	NextID       string // the next External ID, while it is being changed
	RoleARN      string // empty while reserved
	Locations    []Location
	Access       string // "read" or "readwrite"
	Region       string
	Endpoint     string
	CreatedAt    time.Time
	VerifiedAt   time.Time // zero: never
	ExpiresAt    time.Time // for a reservation; else zero
	RemovedAt    time.Time // for a removed integration; else zero
	Vending      bool
	KMSKeys      []string // ARNs
	Pays         bool     // the bucket is "requester pays"
	Session      string   // length of a session, if it isn't an hour
	Webhook      string
	Parts        []Part // purposes other than reading
}

// Part is a purpose of an integration, with its own state.
type Part struct {
	Name, State, Reason string
}

// Chip returns the chip that shows the state.
func (p Part) Chip() page.Chip { return IntegrationChip(p.State) }

// partNames has the parts in words.
var partNames = map[integration.Part]string{
	integration.Writing: "Writing", integration.Vending: "Vending", integration.Rotation: "Rotation",
}

// Location is a declared bucket and prefix.
type Location struct{ Bucket, Prefix string }

// Address is the location as s3://bucket/prefix/.
func (l Location) Address() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Path is the integration's page.
func (i Integration) Path() string { return IntegrationPath(i.ID) }

// Chip returns the chip that shows the state.
func (i Integration) Chip() page.Chip { return IntegrationChip(i.State) }

// Addresses returns the locations as s3:// addresses.
func (i Integration) Addresses() []string {
	addresses := make([]string, len(i.Locations))
	for n, l := range i.Locations {
		addresses[n] = l.Address()
	}
	return addresses
}

// RestorableUntil returns the time until which the removal can be undone.
func (i Integration) RestorableUntil() time.Time { return i.RemovedAt.Add(integration.RestoredFor) }

// AccessName returns the access in words.
func (i Integration) AccessName() string {
	if i.Access == "readwrite" {
		return "Read and write"
	}
	return "Read only"
}

// IntegrationOf returns an integration as pages show it.
func IntegrationOf(i integration.Integration) Integration {
	v := Integration{
		ID: i.ID, Name: i.Name, State: string(i.State), Reason: i.Reason,
		ExternalID: string(i.ExternalID), PrincipalARN: i.PrincipalARN, RoleARN: string(i.RoleARN),
		Access: string(i.Access), Region: i.Region, Endpoint: i.Endpoint,
		CreatedAt: i.CreatedAt, VerifiedAt: i.VerifiedAt, ExpiresAt: i.ExpiresAt(), NextID: string(i.NextExternalID),
		RemovedAt: i.RemovedAt, Vending: i.Vending,
		KMSKeys: i.KMSKeyARNs, Pays: i.RequesterPays, Webhook: i.WebhookURL,
	}
	for _, p := range integration.AllParts[1:] {
		if found, ok := i.Part(p); ok {
			v.Parts = append(v.Parts, Part{partNames[p], string(found.State), found.Reason})
		}
	}
	if i.SessionLength != assume.DefaultDuration {
		v.Session = LengthName(i.SessionLength)
	}
	for _, l := range i.Locations {
		v.Locations = append(v.Locations, Location{l.Bucket, l.Prefix})
	}
	return v
}

// LengthName returns a length of whole hours or minutes in words.
func LengthName(length time.Duration) string {
	if length%time.Hour == 0 {
		return page.Plural(int(length.Hours()), "hour", "hours")
	}
	return page.Plural(int(length.Minutes()), "minute", "minutes")
}
