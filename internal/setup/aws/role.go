package aws

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
)

// Role is the role of one integration, or the user that replaces it in a store
// that isn't AWS. All documents of an integration are derived from it.
type Role struct {
	Name          string // empty: "windlass"
	Exists        bool   // whether the documents change the role instead of creating it
	Trust         generate.Trust
	Need          generate.Need // without locations there is no permission policy yet
	Store         string        // endpoint of a store that isn't AWS; empty: AWS
	RequesterPays bool
	SessionLength time.Duration // zero: the role's default of one hour
}

// Policies are a role's two policies, as JSON.
type Policies struct {
	RoleName   string
	Trust      []byte
	Permission []byte // nil until a location is declared
}

// Policies returns the role's policies on AWS.
func (r Role) Policies() (Policies, error) {
	trust, err := generate.TrustPolicy(r.Trust)
	if err != nil {
		return Policies{}, fmt.Errorf("writing the trust policy: %w", err)
	}
	policies := Policies{RoleName: r.Name, Trust: trust}
	if len(r.Need.Locations) == 0 {
		return policies, nil
	}
	policies.Permission, err = generate.PermissionPolicy(r.Need)
	if err != nil {
		return Policies{}, fmt.Errorf("writing the permission policy: %w", err)
	}
	return policies, nil
}

// Documents returns the policies and notes for [Render]. A store that isn't
// AWS has neither roles nor AWS's keys: its only document is the permission
// policy of a user with an access key.
func (r Role) Documents() (Documents, error) {
	policies, err := r.Policies()
	if err != nil {
		return Documents{}, err
	}
	out := Documents{
		RoleName: policies.RoleName, Trust: policies.Trust, Permission: policies.Permission,
		Partition: r.Need.Partition, RoleExists: r.Exists, Notes: r.Notes(),
	}
	if r.Store == "" {
		return out, nil
	}
	need := r.Need
	need.KMSKeyARNs = nil
	out.Trust, out.Endpoint, out.Partition = nil, r.Store, generate.AWS
	out.Permission, err = generate.PermissionPolicy(need)
	return out, err
}

// Launch returns the link that creates the role with CloudFormation, from the
// template published at templateURL, with the stack in region.
func (r Role) Launch(templateURL, region string) Launch {
	return Launch{TemplateURL: templateURL, Region: region, RoleName: r.Name, Trust: r.Trust, Need: r.Need}
}
