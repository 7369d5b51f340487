package integration

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Documents returns the policies that the customer pastes.
func (i *Integration) Documents() (aws.Policies, error) {
	policies, err := i.role().Policies()
	if err != nil {
		return aws.Policies{}, fmt.Errorf("documents of integration %s: %w", i.ID, err)
	}
	return policies, nil
}

// role returns the integration's role on AWS.
func (i *Integration) role() aws.Role {
	return aws.Role{
		Name: i.roleName(), Exists: i.RoleARN != "", Trust: i.trust(), Need: i.Need(),
		RequesterPays: i.RequesterPays, SessionLength: i.SessionLength,
	}
}

// role returns the integration's role, or the user that takes its place in a
// store that isn't AWS.
func (s *Service) role(i *Integration) aws.Role {
	role := i.role()
	if s.elsewhere(i) {
		role.Store = i.Endpoint
	}
	return role
}

// Need returns the access that the integration needs, and nothing beyond it.
func (i *Integration) Need() generate.Need {
	need := generate.Need{
		Partition: i.partition(), Access: generate.Access(i.Access), KMSKeyARNs: i.KMSKeyARNs,
		Queues: i.Queues,
	}
	for _, l := range i.Locations {
		need.Locations = append(need.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
	}
	return need
}

// trust returns who may assume the role, and under which External ID.
func (i *Integration) trust() generate.Trust {
	return generate.Trust{
		Partition: i.partition(), PrincipalARN: i.PrincipalARN, ExternalIDs: i.ExternalIDs(), Vending: i.Vending,
	}
}

func (i *Integration) partition() generate.Partition {
	return generate.Partition(partitionOf(i.PrincipalARN))
}

var notInRoleName = regexp.MustCompile(`[^A-Za-z0-9_+=,.@-]+`)

func (i *Integration) roleName() string {
	if i.RoleARN != "" {
		return i.RoleARN.Name()
	}
	name := "windlass-" + strings.Trim(notInRoleName.ReplaceAllString(i.Name, "-"), "-")
	return strings.TrimSuffix(name[:min(len(name), 64)], "-")
}

// Formats returns the formats of setup documents.
func Formats() []aws.Format {
	return []aws.Format{aws.JSON, aws.CLI, aws.Terraform, aws.CloudFormation, aws.Console}
}

// Setup writes the setup documents in a format, ready to paste or run.
func (s *Service) Setup(
	ctx context.Context, actor access.Actor, workspace, idOrName string, format aws.Format,
) (string, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return "", err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return "", err
	}
	if len(found.Locations) == 0 {
		return "", problem.New(problem.Conflict,
			"Integration %s has no location yet, so it has no permission policy.", quoted(found.Name)).
			WithHint("Declare its buckets and prefixes first.")
	}
	role := s.role(&found)
	documents, err := role.Documents()
	if err != nil {
		return "", err
	}
	text, err := aws.Render(format, documents)
	var input *generate.InputError
	if errors.As(err, &input) {
		return "", problem.Wrap(err, problem.Invalid,
			"The %s %s can't be used: %s.", input.Field, quoted(input.Value), input.Reason).
			WithFindings(problem.Finding{Path: input.Field, Message: input.Reason})
	}
	return text, err
}
