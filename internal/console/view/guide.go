package view

import (
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
)

// Guide is the numbered setup guide, with documents ready to copy and the
// next step marked.
type Guide struct {
	Now              int  // the next step, from 1; after the last one if all are done
	Reserved         bool // the other order: the External ID exists before the role
	PermissionPolicy string
	TrustPolicy      string // empty until there is an External ID
	Placeholder      bool   // the permission policy names BUCKET and PREFIX
}

// The steps of the guide that pages point at.
const (
	GuidePolicy  = 1
	GuideRoleARN = 5
	guideTrust   = 7
	guideDone    = 8
	GuideMade    = 2 // of the other order: make the role
)

// At is the state of a step: "done", "now" or "later".
func (g *Guide) At(step int) string {
	switch {
	case step < g.Now:
		return "done"
	case step == g.Now:
		return "now"
	}
	return "later"
}

// GuideBefore is the guide while there is no integration, for locations that
// may be typed already.
func GuideBefore(now int, locations []Location, mode string) *Guide {
	need := generate.Need{Partition: "aws", Access: generate.Access(mode)}
	if mode != string(integration.ReadWrite) {
		need.Access = generate.Access(integration.Read)
	}
	for _, l := range locations {
		if made, err := object.NewLocation(l.Bucket, l.Prefix); err == nil {
			need.Locations = append(need.Locations, generate.Location{Bucket: made.Bucket, Prefix: made.Prefix})
		}
	}
	g := &Guide{Now: now}
	if len(need.Locations) == 0 {
		g.Placeholder = true
		need.Locations = []generate.Location{{Bucket: "bucket-placeholder", Prefix: "prefix-placeholder/"}}
	}
	policy, err := generate.PermissionPolicy(need)
	if err != nil {
		return &Guide{Now: now, Placeholder: true}
	}
	g.PermissionPolicy = strings.NewReplacer("bucket-placeholder", "BUCKET", "prefix-placeholder", "PREFIX").
		Replace(string(policy))
	return g
}

// GuideFor is the guide of an integration, with its own values.
func GuideFor(i integration.Integration) (*Guide, error) {
	documents, err := i.Documents()
	if err != nil {
		return nil, err
	}
	g := GuideBefore(guideTrust, nil, string(i.Access))
	if documents.Permission != nil {
		g.PermissionPolicy, g.Placeholder = string(documents.Permission), false
	}
	g.TrustPolicy = string(documents.Trust)
	switch {
	case i.RoleARN == "":
		g.Reserved, g.Now = true, GuideMade
	case i.State == integration.Verified:
		g.Now = guideDone
	}
	return g, nil
}
