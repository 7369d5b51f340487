package integration

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Documents are what the customer pastes.
type Documents struct {
	RoleName   string // of the role to be made: that of the role ARN, when there is one
	Trust      []byte // the role's trust policy; JSON
	Permission []byte // the role's permission policy; JSON, nil while no location is declared
}

// Documents writes the integration's setup documents.
func (i *Integration) Documents() (Documents, error) {
	trust, err := generate.TrustPolicy(i.trust())
	if err != nil {
		return Documents{}, fmt.Errorf("writing the trust policy of %s: %w", i.ID, err)
	}
	documents := Documents{RoleName: i.roleName(), Trust: trust}
	if len(i.Locations) == 0 {
		return documents, nil
	}
	documents.Permission, err = generate.PermissionPolicy(i.Need())
	if err != nil {
		return Documents{}, fmt.Errorf("writing the permission policy of %s: %w", i.ID, err)
	}
	return documents, nil
}

// Need is what the integration must be allowed, and all that it may.
func (i *Integration) Need() generate.Need {
	need := generate.Need{Partition: i.partition(), Access: generate.Access(i.Access), KMSKeyARNs: i.KMSKeyARNs}
	for _, l := range i.Locations {
		need.Locations = append(need.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
	}
	return need
}

// trust is who may assume the role, and how.
func (i *Integration) trust() generate.Trust {
	return generate.Trust{Partition: i.partition(), PrincipalARN: i.PrincipalARN, ExternalIDs: i.ExternalIDs(), Vending: i.Vending}
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

// Formats are the formats of setup documents.
func Formats() []aws.Format {
	return []aws.Format{aws.JSON, aws.CLI, aws.Terraform, aws.CloudFormation, aws.Console}
}

// Setup writes the setup documents in a format, ready to paste or run.
func (s *Service) Setup(ctx context.Context, actor access.Actor, workspace, idOrName string, format aws.Format) (string, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return "", err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return "", err
	}
	if len(found.Locations) == 0 {
		return "", problem.New(problem.Conflict, "The integration %s has no location yet, so there is no permission policy to print.", quoted(found.Name)).
			WithHint("Declare the buckets and prefixes that it is for.")
	}
	documents, err := s.rendered(&found)
	if err != nil {
		return "", err
	}
	text, err := aws.Render(format, documents)
	var input *generate.InputError
	if errors.As(err, &input) {
		return "", problem.Wrap(err, problem.Invalid, "The %s %s cannot be used: %s.", input.Field, quoted(input.Value), input.Reason).
			WithFindings(problem.Finding{Path: input.Field, Message: input.Reason})
	}
	return text, err
}

// rendered are the documents with all that stands beside them. A store that is
// not AWS has no roles: its documents are for the user of an access key.
func (s *Service) rendered(i *Integration) (aws.Documents, error) {
	documents, err := i.Documents()
	if err != nil {
		return aws.Documents{}, err
	}
	out := aws.Documents{
		RoleName: documents.RoleName, Trust: documents.Trust, Permission: documents.Permission,
		Partition: i.partition(), RoleExists: i.RoleARN != "", Notes: s.notes(i),
	}
	if !s.elsewhere(i) {
		return out, nil
	}
	need := i.Need()
	need.KMSKeyARNs = nil // they are AWS's own
	out.Trust, out.Endpoint, out.Partition = nil, i.Endpoint, generate.AWS
	out.Permission, err = generate.PermissionPolicy(need)
	return out, err
}

// Difference is what must change to make one document of another, as a unified
// diff; empty when they are the same.
func Difference(name string, was, is []byte) string {
	text := string(diff.Diff("a/"+name, was, "b/"+name, is))
	_, rest, found := strings.Cut(text, "\n") // the first line is the command
	if !found {
		return ""
	}
	return rest
}
