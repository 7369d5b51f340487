package doctor

import (
	"time"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// State is how a verification stands, or how it ended.
type State string

// The states.
const (
	Running     State = "running"
	Verified    State = "verified"
	Failing     State = "failing"
	Insecure    State = "insecure"    // the role can be assumed without the External ID, or with a wrong one
	Propagating State = "propagating" // refused soon after an edit: it is tried again by itself
)

// Trigger is why a verification was run.
type Trigger string

// The triggers.
const (
	Asked   Trigger = "asked"   // somebody asked
	Edited  Trigger = "edited"  // the integration was edited
	Settled Trigger = "settled" // after an edit, once IAM has had time to spread it
	Timer   Trigger = "timer"   // it is time again
)

// Verification is one run of the doctor.
type Verification struct {
	ID          string // "ver_…"
	Workspace   string
	Integration string // ID; empty for an access key's
	Credential  string // ID of an access key; empty for an integration's
	State       State
	Reason      string // why it is not verified: one sentence
	Trigger     Trigger
	By          string // who asked: a name for people
	Subject     Subject
	Checks      []Check // those that are done, in order
	StartedAt   time.Time
	EndedAt     time.Time // zero while it runs
	AgainAt     time.Time // when it is tried again by itself; zero: not
	Notable     bool      // it came to something else than the one before it: it is kept longer
}

// Subject is the integration as it was when it was verified.
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
		Region: i.Region, Endpoint: i.Endpoint, RequesterPays: i.RequesterPays, KMSKeyARNs: i.KMSKeyARNs, Vending: i.Vending,
	}
}

// Documents are the setup documents as they were printed for the subject.
func (s *Subject) Documents() (aws.Policies, error) {
	i := integration.Integration{
		Name: s.Name, PrincipalARN: s.PrincipalARN, RoleARN: s.RoleARN, ExternalID: s.ExternalID, NextExternalID: s.NextExternalID,
		Locations: s.Locations, Access: s.Access, KMSKeyARNs: s.KMSKeyARNs, Vending: s.Vending,
	}
	return i.Documents()
}

// Calls counts the calls to AWS.
func (v *Verification) Calls() int {
	n := 0
	for _, c := range v.Checks {
		n += len(c.Calls)
	}
	return n
}

// Check gives the check with this code, nil when it is not done.
func (v *Verification) Check(code Code) *Check {
	for n := range v.Checks {
		if v.Checks[n].Code == code {
			return &v.Checks[n]
		}
	}
	return nil
}
