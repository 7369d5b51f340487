package assume

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/secret"
)

// Session is what AssumeRole gave.
type Session struct {
	Keys      object.Keys
	ARN       string // "arn:aws:sts::111122223333:assumed-role/Name/session"
	RoleID    string // "AROA…", without the session name
	Identity  string // source identity, when one was set
	RequestID string // AWS's
}

// Assume gives a session of a customer's role: one that is kept, when it
// answers the same request and does not end soon, or a new one. Callers that
// ask for the same session at the same time wait for one call. While AWS does
// not answer, a kept session is given until its end; when AWS refuses, it is
// dropped and the refusal returned.
func (c *Caller) Assume(ctx context.Context, request Request) (Session, error) {
	request, err := request.checked()
	if err != nil {
		return Session{}, err
	}
	if request.Fresh {
		return c.assume(ctx, request)
	}
	key := request.key()
	kept, found := c.cache.session(key, c.now())
	if found && !kept.due {
		return kept.Session, nil
	}
	made, err := c.cache.refresh(ctx, key, c.now, func(ctx context.Context) (Session, error) {
		return c.assume(ctx, request)
	})
	if err != nil && found && !refused(err) && ctx.Err() == nil {
		return kept.Session, nil
	}
	return made, err
}

// Forget drops the sessions that are kept for an integration, so that what
// was removed or edited is asked for anew.
func (c *Caller) Forget(integration string) { c.cache.forget(integration) }

// assume asks for the session with the integration's External ID, and holds
// AWS to the role that was asked for.
func (c *Caller) assume(ctx context.Context, request Request) (Session, error) {
	session, err := c.call(ctx, request, aws.String(string(request.ExternalID)))
	if err != nil {
		return Session{}, err
	}
	if want := request.RoleARN.session(request.SessionName); session.ARN != want {
		return Session{}, &object.Failure{
			Operation: "AssumeRole", Resource: string(request.RoleARN), Status: 200, Code: "AnotherRole", RequestID: session.RequestID,
			Message: "the answer is a session of " + session.ARN + ", not " + want,
		}
	}
	return session, nil
}

// call is the one function that calls AssumeRole.
func (c *Caller) call(ctx context.Context, request Request, externalID *string) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	input := &sts.AssumeRoleInput{
		RoleArn:         aws.String(string(request.RoleARN)),
		RoleSessionName: aws.String(request.SessionName),
		DurationSeconds: aws.Int32(int32(request.Duration / time.Second)), //nolint:gosec // at most 43200: checked
		ExternalId:      externalID,
	}
	if request.Policy != "" {
		input.Policy = aws.String(request.Policy)
	}
	if request.Identity != "" {
		input.SourceIdentity = aws.String(request.Identity)
	}
	for key, value := range request.Tags {
		input.Tags = append(input.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	output, err := c.sts.AssumeRole(ctx, input)
	if err != nil {
		return Session{}, failure("AssumeRole", string(request.RoleARN), err)
	}
	return readSession(output, request.RoleARN)
}

func readSession(output *sts.AssumeRoleOutput, role RoleARN) (Session, error) {
	requestID, _ := awsmiddleware.GetRequestIDMetadata(output.ResultMetadata)
	credentials, user := output.Credentials, output.AssumedRoleUser
	if credentials == nil || user == nil || aws.ToString(credentials.SessionToken) == "" || credentials.Expiration == nil {
		return Session{}, &object.Failure{
			Operation: "AssumeRole", Resource: string(role), Status: 200, Code: "IncompleteAnswer", RequestID: requestID,
			Message: "the answer has no credentials",
		}
	}
	return Session{
		Keys: object.Keys{
			AccessKeyID:     aws.ToString(credentials.AccessKeyId),
			SecretAccessKey: secret.New(aws.ToString(credentials.SecretAccessKey)),
			SessionToken:    secret.New(aws.ToString(credentials.SessionToken)),
			Expires:         *credentials.Expiration,
		},
		ARN:       aws.ToString(user.Arn),
		RoleID:    roleID(aws.ToString(user.AssumedRoleId)),
		Identity:  aws.ToString(output.SourceIdentity),
		RequestID: requestID,
	}, nil
}

// refused says whether AWS itself said no.
func refused(err error) bool {
	var f *object.Failure
	return errors.As(err, &f) && f.Denied()
}
