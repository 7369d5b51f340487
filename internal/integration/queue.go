package integration

import (
	"context"
	"errors"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// QueueAccess returns keys for one queue, in a session of the integration's role
// that can do nothing else, and the address of SQS if it isn't AWS's. The keys are
// valid as long as those of [Service.Access].
func (s *Service) QueueAccess(
	ctx context.Context, actor access.Actor, workspace, idOrName, queueARN, kmsKeyARN string,
) (keys func(context.Context) (object.Keys, error), endpoint string, err error) {
	if err := s.check(ctx, actor, access.IntegrationUse, workspace, idOrName); err != nil {
		return nil, "", err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return nil, "", err
	}
	if err := found.checkUsable(); err != nil {
		return nil, "", err
	}
	request := found.request("events")
	request.Policy, err = generate.QueueSessionPolicy(found.partition(),
		generate.Queue{ARN: queueARN, KMSKeyARN: kmsKeyARN})
	if err != nil {
		return nil, "", queueProblem(err)
	}
	sessions := &sessionLog{service: s, actor: actor, integration: found.ID, workspace: workspace}
	return func(ctx context.Context) (object.Keys, error) {
		if err := s.StillUsable(ctx, &found); err != nil {
			return object.Keys{}, err
		}
		session, err := s.config.Roles.Assume(ctx, request)
		if noteErr := sessions.note(ctx, session, err); noteErr != nil {
			return object.Keys{}, noteErr
		}
		return session.Keys, err
	}, s.config.Endpoint, nil
}

// CheckQueue rejects a queue that isn't in the partition of the integration's
// principal, and integrations with a store that isn't AWS.
func (s *Service) CheckQueue(
	ctx context.Context, actor access.Actor, workspace, idOrName, queueARN, kmsKeyARN string,
) error {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	if s.elsewhere(&found) {
		return problem.New(problem.Invalid, "The integration %s is for a store that isn't AWS, so it can't read a queue.",
			quoted(found.Name)).WithHint("Load the source on a schedule.")
	}
	return queueProblem(generate.Queue{ARN: queueARN, KMSKeyARN: kmsKeyARN}.Check(found.partition()))
}

func queueProblem(err error) error {
	var input *generate.InputError
	if errors.As(err, &input) {
		return problem.Wrap(err, problem.Invalid, "The queue %s can't be used: %s.", quoted(input.Value), input.Reason).
			WithFindings(problem.Finding{Path: "queue", Message: input.Reason})
	}
	return err
}

// QueueRole returns the role that reads queues, for setup documents: its permission
// policy allows all queues of the integration's sources.
func (s *Service) QueueRole(ctx context.Context, actor access.Actor, workspace, idOrName string) (
	role aws.Events, err error,
) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return aws.Events{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return aws.Events{}, err
	}
	role = aws.Events{
		RoleARN: string(found.RoleARN), RoleName: found.roleName(), BucketRegion: found.Region,
		Partition: found.partition(),
	}
	if parts := strings.Split(role.RoleARN, ":"); len(parts) > 4 {
		role.Account = parts[4]
	}
	role.Permission, err = generate.PermissionPolicy(found.Need())
	return role, queueProblem(err)
}
