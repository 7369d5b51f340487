package doctor_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// patient is an integration that is not well.
type patient struct {
	*testing.T
	*doctortest.World
	i         integration.Integration
	documents doctor.Documents // pasted
	control   *control         // a policy of the customer's organization; nil without one
}

// control is a policy of the customer's organization that is in force.
type control struct {
	*sandboxtest.Organization
	policy string
}

// limit puts the customer's account into an organization with a policy of one statement.
func (p *patient) limit(kind orgtypes.PolicyType, statement string) {
	p.Helper()
	o := p.AWS.MustOrganization(p.T, p.AWS.Service, p.AWS.Customer)
	p.control = &control{o, o.MustPolicy(p.T, kind, "limit", p.AWS.Customer.ID, statement)}
}

// unlimit takes the organization's policy away.
func (p *patient) unlimit(*doctor.Fix) {
	p.Helper()
	p.control.MustDetach(p.T, p.control.policy, p.AWS.Customer.ID)
}

func (p *patient) role(trust string, policies ...string) {
	p.Helper()
	p.i = p.MustGiveRole(p.T, p.i, p.AWS.MustRole(p.T, p.AWS.Customer, doctortest.RoleName, trust, policies...))
}

func (p *patient) update(change integration.Change) {
	p.Helper()
	edited, err := p.Integrations.Update(p.Context(), p.Actor, p.i.Workspace, p.i.ID, change)
	if err != nil {
		p.Fatal(err)
	}
	p.i = edited.Integration
}

func (p *patient) bucketPolicy(document string) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutBucketPolicy(p.Context(),
		&s3.PutBucketPolicyInput{Bucket: aws.String(doctortest.Bucket), Policy: &document})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) setKey(status string) {
	p.Helper()
	_, err := p.AWS.IAM(p.AWS.Service.Keys).UpdateAccessKey(p.Context(), &iam.UpdateAccessKeyInput{
		UserName: aws.String("windlass"), AccessKeyId: &p.Keys.AccessKeyID, Status: iamtypes.StatusType(status),
	})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) putObject(key string, class types.StorageClass) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutObject(p.Context(), &s3.PutObjectInput{
		Bucket: aws.String(doctortest.Bucket), Key: &key, Body: strings.NewReader("a\n"), StorageClass: class,
	})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) removeObject(key string) {
	p.Helper()
	if _, err := p.AWS.S3(p.AWS.Customer.Keys).DeleteObject(p.Context(),
		&s3.DeleteObjectInput{Bucket: aws.String(doctortest.Bucket), Key: &key}); err != nil {
		p.Fatal(err)
	}
}

// boundary sets the permissions boundary of the customer's role.
func (p *patient) boundary(document string) {
	p.Helper()
	client, role := p.AWS.IAM(p.AWS.Customer.Keys), aws.String(doctortest.RoleName)
	made, err := client.CreatePolicy(p.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("edge-" +
		strconv.Itoa(len(document))), PolicyDocument: &document})
	if err != nil {
		p.Fatal(err)
	}
	if _, err := client.PutRolePermissionsBoundary(p.Context(), &iam.PutRolePermissionsBoundaryInput{
		RoleName:            role,
		PermissionsBoundary: made.Policy.Arn,
	}); err != nil {
		p.Fatal(err)
	}
}

// seal puts the customer's object again, encrypted with a KMS key whose use only
// the account's own policies allow.
func (p *patient) seal() {
	p.Helper()
	p.putSealed(p.AWS.MustKey(p.T, p.AWS.Customer, ""))
}

// putSealed puts the customer's object again, encrypted with a KMS key.
func (p *patient) putSealed(key string) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutObject(p.Context(), &s3.PutObjectInput{
		Bucket: aws.String(doctortest.Bucket), Key: aws.String(doctortest.Prefix + "prices.csv"),
		Body:                 strings.NewReader("a\n"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
	})
	if err != nil {
		p.Fatal(err)
	}
}

// mustHaveNoMarker checks whether the probes' objects are deleted.
func (p *patient) mustHaveNoMarker(gone bool) {
	p.Helper()
	list, err := p.AWS.S3(p.AWS.Customer.Keys).ListObjectsV2(p.Context(),
		&s3.ListObjectsV2Input{Bucket: aws.String(doctortest.Bucket), Prefix: aws.String("daily/.windlass/")})
	if err != nil {
		p.Fatal(err)
	}
	if (len(list.Contents) == 0) != gone {
		p.Errorf("there are %d objects of probes", len(list.Contents))
	}
}
