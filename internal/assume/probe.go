package assume

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Lure is what a [Caller.Probe] holds out in place of the External ID.
type Lure int

// The lures.
const (
	NoExternalID    Lure = iota // none at all
	WrongExternalID             // a random one, made for this call
)

// denyAll makes the session of a probe that succeeds worth nothing.
const denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

// Probe tries to assume a role without its External ID, or with a wrong one.
// The trial is lost when err is nil: the role let the service in. The session
// is thrown away, and was denied everything. A trial that is won is an
// [*object.Failure] whose code is "AccessDenied"; any other error proves
// nothing.
func (c *Caller) Probe(ctx context.Context, request Request, lure Lure) (requestID string, err error) {
	request.Policy, request.Duration, request.Tags, request.Identity = denyAll, MinDuration, nil, ""
	request, err = request.checked()
	if err != nil {
		return "", err
	}
	var externalID *string
	if lure == WrongExternalID {
		wrong, err := NewExternalID(rand.Reader)
		if err != nil {
			return "", fmt.Errorf("making a wrong External ID: %w", err)
		}
		externalID = aws.String(string(wrong))
	}
	session, err := c.call(ctx, request, externalID)
	return session.RequestID, err
}
