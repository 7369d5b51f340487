package doctor

import (
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// State is the state of a verification.
type State string

// The states.
const (
	Running     State = "running"
	Verified    State = "verified"
	Failing     State = "failing"
	Insecure    State = "insecure"    // the role can be assumed without the External ID, or with a wrong one
	Propagating State = "propagating" // denied soon after a change; the doctor tries again
)

// Trigger is the reason for a verification.
type Trigger string

// The triggers.
const (
	Asked   Trigger = "asked"   // requested by an actor
	Edited  Trigger = "edited"  // the integration was changed
	Settled Trigger = "settled" // after a change, when IAM has had time to propagate it
	Timer   Trigger = "timer"   // periodic
)

// Verification is one run of the doctor.
type Verification struct {
	ID          string // "ver_…"
	Workspace   string
	Integration string // ID; empty for an access key
	Credential  string // ID of an access key; empty for an integration
	State       State
	Reason      string // why it isn't verified, one sentence
	Trigger     Trigger
	By          string // name of the requester
	Subject     Subject
	Checks      []Check // completed checks, in order
	StartedAt   time.Time
	EndedAt     time.Time // zero while it runs
	AgainAt     time.Time // time of the next automatic verification; zero: none
	Notable     bool      // its result differs from the previous one; it is kept longer
}

// Subject is the state of the integration at the time of the verification.
type Subject struct {
	Revision       int64             `json:"revision"`
	Name           string            `json:"name"`
	PrincipalARN   string            `json:"principal_arn"`
	RoleARN        assume.RoleARN    `json:"role_arn"`
	ExternalID     assume.ExternalID `json:"external_id"`
	NextExternalID assume.ExternalID `json:"next_external_id,omitempty"`
	Locations      []object.Location `json:"locations"`
	Access         integration.Mode  `json:"access"`
	Region         string            `json:"region,omitempty"`
	Endpoint       string            `json:"endpoint,omitempty"`
	RequesterPays  bool              `json:"requester_pays,omitempty"`
	KMSKeyARNs     []string          `json:"kms_key_arns,omitempty"`
	Vending        bool              `json:"vending,omitempty"`
}

func subjectOf(i *integration.Integration) Subject {
	return Subject{
		Revision: i.Revision, Name: i.Name, PrincipalARN: i.PrincipalARN, RoleARN: i.RoleARN,
		ExternalID: i.ExternalID, NextExternalID: i.NextExternalID, Locations: i.Locations, Access: i.Access,
		Region: i.Region, Endpoint: i.Endpoint, RequesterPays: i.RequesterPays, KMSKeyARNs: i.KMSKeyARNs,
		Vending: i.Vending,
	}
}

// Documents returns the setup documents of the subject.
func (s *Subject) Documents() (aws.Policies, error) {
	i := integration.Integration{
		Name: s.Name, PrincipalARN: s.PrincipalARN, RoleARN: s.RoleARN,
		ExternalID: s.ExternalID, NextExternalID: s.NextExternalID,
		Locations: s.Locations, Access: s.Access, KMSKeyARNs: s.KMSKeyARNs, Vending: s.Vending,
	}
	return i.Documents()
}

// Calls returns the number of calls to AWS.
func (v *Verification) Calls() int {
	n := 0
	for _, c := range v.Checks {
		n += len(c.Calls)
	}
	return n
}

// Check returns the check with this code, or nil if it isn't completed.
func (v *Verification) Check(code Code) *Check {
	for n := range v.Checks {
		if v.Checks[n].Code == code {
			return &v.Checks[n]
		}
	}
	return nil
}
