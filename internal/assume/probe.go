package assume

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Replacement selects what [Caller.Probe] sends in place of the External ID.
type Replacement int

// The replacements.
const (
	NoExternalID    Replacement = iota // no External ID
	WrongExternalID                    // a new random one
)

// denyAll is the session policy of a probe: the session can't do anything.
const denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

// Probe tries to assume a role without its External ID, or with a wrong one,
// and discards the session. A nil error means that the role is insecure: AWS
// let the service in. A secure role returns an [*object.Failure] with code
// "AccessDenied". Any other error proves nothing.
func (c *Caller) Probe(ctx context.Context, request Request, replacement Replacement) (requestID string, err error) {
	request.Policy, request.Duration, request.Tags, request.SourceIdentity = denyAll, MinDuration, nil, ""
	request, err = request.checked()
	if err != nil {
		return "", err
	}
	var externalID *string
	if replacement == WrongExternalID {
		wrong, err := NewExternalID(rand.Reader)
		if err != nil {
			return "", fmt.Errorf("probing with a wrong External ID: %w", err)
		}
		externalID = aws.String(string(wrong))
	}
	session, err := c.call(ctx, request, externalID)
	return session.RequestID, err
}
