package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// policyGenerateCommand writes the least policy for a need.
type policyGenerateCommand struct {
	access, partition, format string
	locations, keys           []string
	versions, session         bool
	principal, role           string
	externalIDs               []string
	streams                   Streams
}

func newPolicyGenerate(streams Streams) *cobra.Command {
	c := &policyGenerateCommand{streams: streams}
	cmd := &cobra.Command{
		Use:   "generate --access ACCESS --location s3://BUCKET/PREFIX…",
		Short: "Print the least policy for locations",
		Long: `Print the least policy for one kind of access to some locations. It allows
listing only under the prefixes, and no other bucket or prefix. A prefix consists
of whole segments: s3://acme-data/reports means everything below
reports/ and nothing below reports-old/.

read lists and gets; write puts, overwrites and deletes; readwrite does both.
With --principal and --external-id it also writes the trust policy of a role,
which only that principal can assume, with the External ID; use two External IDs
during a rotation. --session writes the shortest session policy that restricts a
role; AWS allows 2,048 characters.

Exit status: 0 success, 1 the session policy is too long for AWS, 2 invalid usage.`,
		Example: `  windlass policy generate --access read --location s3://acme-data/reports/
  windlass policy generate --access readwrite --location s3://acme-in/ --location s3://acme-out/daily/ \
    --format terraform
  windlass policy generate --access read --location s3://acme-data/reports/ --format cli \
    --principal arn:aws:iam::444455556666:user/windlass --external-id b7f1c2d40a634c0b9a527b1e7f3a9c11`,
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&c.access, "access", "", "read, write or readwrite")
	flags.StringArrayVar(&c.locations, "location", nil,
		"s3://BUCKET or s3://BUCKET/PREFIX; may be repeated, or passed as arguments")
	flags.StringVar(&c.format, "format", "json", "json, terraform, cloudformation, cli or console")
	flags.BoolVar(&c.versions, "versions", false, "also list and get old versions of objects")
	flags.StringArrayVar(&c.keys, "kms-key", nil,
		"ARN of a KMS key that the objects are encrypted with; may be repeated")
	flags.StringVar(&c.partition, "partition", "aws", "aws, aws-cn or aws-us-gov")
	flags.BoolVar(&c.session, "session", false, "print a session policy")
	flags.StringVar(&c.principal, "principal", "", "ARN of the user or role that may assume the role")
	flags.StringArrayVar(&c.externalIDs, "external-id", nil,
		"External ID that the principal must send; may be repeated once")
	flags.StringVar(&c.role, "role-name", "windlass", "name of the role, or of the policy if there is no role")
	_ = cmd.MarkFlagRequired("access")
	return cmd
}

func (c *policyGenerateCommand) run(arguments []string) error {
	need, err := c.need(arguments)
	if err != nil {
		return err
	}
	text, err := c.text(need)
	var size *generate.SizeError
	switch {
	case errors.As(err, &size):
		_, _ = fmt.Fprintf(c.streams.Err, "windlass: %v\n", err)
		return errNo
	case err != nil:
		return usagef("%w", err)
	}
	_, err = io.WriteString(c.streams.Out, text)
	return err
}

func (c *policyGenerateCommand) need(arguments []string) (generate.Need, error) {
	need := generate.Need{
		Partition:  generate.Partition(c.partition),
		Access:     generate.Access(c.access),
		Versions:   c.versions,
		KMSKeyARNs: c.keys,
	}
	for _, address := range append(c.locations, arguments...) {
		location, err := object.ParseLocation(address)
		if err != nil {
			return generate.Need{}, err
		}
		need.Locations = append(need.Locations, generate.Location{Bucket: location.Bucket, Prefix: location.Prefix})
	}
	if len(need.Locations) == 0 {
		return generate.Need{}, usagef("specify at least one --location, such as s3://acme-data/reports/")
	}
	return need, nil
}

func (c *policyGenerateCommand) text(need generate.Need) (string, error) {
	if c.session {
		if c.format != "json" || c.principal != "" {
			return "", errors.New("a session policy is JSON and has no principal")
		}
		text, err := generate.SessionPolicy(need)
		return text + "\n", err
	}
	documents := aws.Documents{RoleName: c.role}
	var err error
	if documents.Permission, err = generate.PermissionPolicy(need); err != nil {
		return "", err
	}
	if c.principal != "" || len(c.externalIDs) > 0 {
		documents.Trust, err = generate.TrustPolicy(
			generate.Trust{Partition: need.Partition, PrincipalARN: c.principal, ExternalIDs: c.externalIDs})
		if err != nil {
			return "", err
		}
	}
	return aws.Render(aws.Format(c.format), documents)
}
