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
	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// Session is a session of a customer's role.
type Session struct {
	Keys           object.Keys
	ARN            string // "arn:aws:sts::111122223333:assumed-role/Name/session"
	RoleID         string // "AROA…", without the session name
	SourceIdentity string // empty when the request has none
	RequestID      string // of AssumeRole
}

// Assume returns a session of a customer's role. It returns a cached session
// for an equal request unless that session expires soon. Concurrent callers
// with equal requests share one call. When AWS can't be reached, Assume
// returns the cached session until it expires; when AWS denies the request,
// Assume drops the session and returns the error.
func (c *Caller) Assume(ctx context.Context, request Request) (Session, error) {
	request, err := request.checked()
	if err != nil {
		return Session{}, err
	}
	if request.Fresh {
		return c.assume(ctx, request)
	}
	key := request.key()
	cached, found := c.cache.session(key, c.now())
	if c.cache.requests.Count(found && !cached.due) {
		return cached.Session, nil
	}
	session, err := c.cache.refresh(ctx, key, c.now, func(ctx context.Context) (Session, error) {
		return c.assume(ctx, request)
	})
	if err != nil && found && !isDenied(err) && ctx.Err() == nil {
		return cached.Session, nil
	}
	return session, err
}

// Forget drops the cached sessions of an integration. Call it after the
// integration changes.
func (c *Caller) Forget(integration string) { c.cache.forget(integration) }

// CacheRequests counts what the cache of sessions had.
func (c *Caller) CacheRequests() *hits.Counter { return &c.cache.requests }

// assume requests a session with the integration's External ID, and verifies
// that the session is of the requested role.
func (c *Caller) assume(ctx context.Context, request Request) (Session, error) {
	session, err := c.call(ctx, request, aws.String(string(request.ExternalID)))
	if err != nil {
		return Session{}, err
	}
	if want := request.RoleARN.session(request.SessionName); session.ARN != want {
		return Session{}, &object.Failure{
			Operation: "AssumeRole", Resource: string(request.RoleARN), Status: 200, Code: "AnotherRole",
			RequestID: session.RequestID,
			Message:   "the response has a session of " + session.ARN + ", not " + want,
		}
	}
	return session, nil
}

// call calls AssumeRole. No other function does.
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
	if request.SourceIdentity != "" {
		input.SourceIdentity = aws.String(request.SourceIdentity)
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
	if credentials == nil || user == nil || aws.ToString(credentials.SessionToken) == "" ||
		credentials.Expiration == nil {
		return Session{}, &object.Failure{
			Operation: "AssumeRole", Resource: string(role), Status: 200, Code: "IncompleteAnswer",
			RequestID: requestID,
			Message:   "the response has no credentials",
		}
	}
	return Session{
		Keys: object.Keys{
			AccessKeyID:     aws.ToString(credentials.AccessKeyId),
			SecretAccessKey: secret.New(aws.ToString(credentials.SecretAccessKey)),
			SessionToken:    secret.New(aws.ToString(credentials.SessionToken)),
			Expires:         *credentials.Expiration,
		},
		ARN:            aws.ToString(user.Arn),
		RoleID:         roleID(aws.ToString(user.AssumedRoleId)),
		SourceIdentity: aws.ToString(output.SourceIdentity),
		RequestID:      requestID,
	}, nil
}

// isDenied reports whether AWS denied the request.
func isDenied(err error) bool {
	var f *object.Failure
	return errors.As(err, &f) && f.Denied()
}
