package orgapi_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/sandboxtest"
)

// stage is an organization of the service's account with the customer's account in it.
type stage struct {
	*testing.T
	*sandboxtest.Server
	*sandboxtest.Organization
}

func newStage(t *testing.T, options ...sandboxtest.Option) *stage {
	t.Helper()
	s := &stage{T: t, Server: sandboxtest.Start(t, options...)}
	s.Organization = s.MustOrganization(t, s.Service, s.Customer)
	return s
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// stranger returns the keys of an account outside of the organization.
func (s *stage) stranger() aws.Credentials {
	s.Helper()
	made, err := s.Sandbox.AddAccount(sandbox.AccountSpec{ID: "333333333333", Name: "stranger"})
	s.must(err)
	return aws.Credentials{AccessKeyID: made.RootAccessKeyID, SecretAccessKey: made.RootSecretAccessKey.Reveal()}
}

// reads reports why an account's root can't read an object, or "".
func (s *stage) reads(keys aws.Credentials, bucket string) string {
	s.Helper()
	_, err := s.S3(keys).GetObject(s.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("k")})
	return message(err)
}

func message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func code(err error) string {
	code, _, _ := strings.Cut(message(err), ":")
	return code
}

// TestServiceControlPolicies checks that each level must allow, that a Deny anywhere
// denies, and that the management account isn't limited.
func TestServiceControlPolicies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newStage(t, sandboxtest.WithDir(dir))
	s.MustBucket(t, s.Customer.Keys, "acme")
	s.MustBucket(t, s.Service.Keys, "windlass")
	s.MustPut(t, s.Customer.Keys, "acme", "k", "text")
	s.MustPut(t, s.Service.Keys, "windlass", "k", "text")
	if got := s.reads(s.Customer.Keys, "acme"); got != "" {
		t.Fatalf("with FullAWSAccess: %s", got)
	}
	unit, err := s.Client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{
		Name: aws.String("Workloads"), ParentId: &s.Root,
	})
	s.must(err)
	_, err = s.Client.MoveAccount(t.Context(), &organizations.MoveAccountInput{
		AccountId: &s.Customer.ID, SourceParentId: &s.Root, DestinationParentId: unit.OrganizationalUnit.Id,
	})
	s.must(err)

	_, arn := s.MustUser(t, s.Customer, "ada", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
		`"Action":"s3:*","Resource":"*"}]}`)
	deny := s.MustPolicy(t, orgtypes.PolicyTypeServiceControlPolicy, "no-reads", s.Root,
		`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`)
	if got := s.reads(s.Customer.Keys, "acme"); !strings.HasSuffix(got, "with an explicit deny in a service control policy") {
		t.Errorf("with a Deny at the root: %q", got)
	}
	if found := titles(s); !slices.Contains(found, "no-reads") {
		t.Errorf("the explanation doesn't name the policy, only %q", found)
	}
	if got := s.reads(s.Service.Keys, "windlass"); got != "" {
		t.Errorf("the management account is limited: %s", got)
	}
	simulated, err := s.IAM(s.Customer.Keys).SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &arn, ActionNames: []string{"s3:GetObject", "s3:ListBucket"},
	})
	s.must(err)
	for i, want := range []string{"explicitDeny false", "allowed true"} {
		r := simulated.EvaluationResults[i]
		if got := fmt.Sprint(r.EvalDecision, " ", r.OrganizationsDecisionDetail.AllowedByOrganizations); got != want {
			t.Errorf("simulated %s: %s, want %s", *r.EvalActionName, got, want)
		}
	}
	s.MustDetach(t, deny, s.Root)

	only := s.MustPolicy(t, orgtypes.PolicyTypeServiceControlPolicy, "only-listing", *unit.OrganizationalUnit.Id,
		`{"Effect":"Allow","Action":["s3:ListBucket","organizations:*"],"Resource":"*"}`)
	s.MustDetach(t, "p-FullAWSAccess", *unit.OrganizationalUnit.Id)
	want := "because no service control policy allows the s3:GetObject action"
	if got := s.reads(s.Customer.Keys, "acme"); !strings.HasSuffix(got, want) {
		t.Errorf("with a level that allows only listing: %q", got)
	}
	if _, err := s.Client.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{
		PolicyId: &only, TargetId: unit.OrganizationalUnit.Id,
	}); code(err) != "ConstraintViolationException" {
		t.Errorf("detaching the last policy: %v", err)
	}
	s.Stop(t)

	s.Server = sandboxtest.Start(t, sandboxtest.WithDir(dir))
	if got := s.reads(s.Customer.Keys, "acme"); !strings.HasSuffix(got, want) {
		t.Errorf("after a restart: %q", got)
	}
	s.Client = s.Organizations(s.Service.Keys)
	_, err = s.Client.DisablePolicyType(t.Context(), &organizations.DisablePolicyTypeInput{
		RootId: &s.Root, PolicyType: orgtypes.PolicyTypeServiceControlPolicy,
	})
	s.must(err)
	if got := s.reads(s.Customer.Keys, "acme"); got != "" {
		t.Errorf("without the type: %s", got)
	}
}

func titles(s *stage) []string {
	var found []string
	for _, p := range s.Sandbox.Decisions(1)[0].Trace.Policies {
		found = append(found, p.Title)
	}
	return found
}

// TestResourceControlPolicies checks a data perimeter: only callers of the organization
// reach the customer's bucket.
func TestResourceControlPolicies(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.MustBucket(t, s.Customer.Keys, "acme")
	s.MustPut(t, s.Customer.Keys, "acme", "k", "text")
	stranger := s.stranger()
	_, err := s.S3(s.Customer.Keys).PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: aws.String("acme"),
		Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
			`"Principal":{"AWS":["111111111111","333333333333"]},"Resource":"arn:aws:s3:::acme/*"}]}`),
	})
	s.must(err)
	perimeter := `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",` +
		`"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"` + s.ID + `"}}}`
	s.MustPolicy(t, orgtypes.PolicyTypeResourceControlPolicy, "perimeter", s.Customer.ID, perimeter)
	for name, test := range map[string]struct {
		keys aws.Credentials
		want string
	}{
		"the bucket's account":   {s.Customer.Keys, ""},
		"the management account": {s.Service.Keys, ""},
		"another organization":   {stranger, "AccessDenied"},
	} {
		got, _, _ := strings.Cut(s.reads(test.keys, "acme"), ":")
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	_, err = s.Client.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{
		PolicyId: aws.String("p-RCPFullAWSAccess"), TargetId: &s.Root,
	})
	if code(err) != "ConstraintViolationException" {
		t.Errorf("detaching RCPFullAWSAccess: %v", err)
	}
}

// TestRefusals checks who may call what, and what policies may have.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx, customer := t.Context(), s.Organizations(s.Customer.Keys)
	create := func(kind orgtypes.PolicyType, content string) error {
		_, err := s.Client.CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Name: aws.String("p"), Description: aws.String(""), Type: kind, Content: &content,
		})
		return err
	}
	_, member := customer.ListAccounts(ctx, &organizations.ListAccountsInput{})
	_, twice := s.Client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	_, err := s.Client.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{
		RootId: &s.Root, PolicyType: orgtypes.PolicyTypeServiceControlPolicy,
	})
	s.must(err)
	_, disabled := s.Client.AttachPolicy(ctx, &organizations.AttachPolicyInput{
		PolicyId: aws.String("p-FullAWSAccess"), TargetId: &s.Root,
	})
	_, unknown := s.Client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String("p-aaaaaaaa")})
	_, managed := s.Client.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: aws.String("p-FullAWSAccess")})
	_, leaving := s.Client.LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	_, full := s.Client.DeleteOrganization(ctx, &organizations.DeleteOrganizationInput{})
	_, again := s.Client.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &orgtypes.HandshakeParty{Id: &s.Customer.ID, Type: orgtypes.HandshakePartyTypeAccount},
	})
	stranger := s.stranger()
	_, outside := s.Organizations(stranger).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	keys, _ := s.MustUser(t, s.Service, "ada", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
		`"Action":"organizations:Describe*","Resource":"*"}]}`)
	_, unprivileged := s.Organizations(keys).ListAccounts(ctx, &organizations.ListAccountsInput{})
	scp, rcp := orgtypes.PolicyTypeServiceControlPolicy, orgtypes.PolicyTypeResourceControlPolicy
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a member that lists accounts":  {member, "AccessDeniedException"},
		"a user without the permission": {unprivileged, "AccessDeniedException"},
		"an account outside":            {outside, "AWSOrganizationsNotInUseException"},
		"a second organization":         {twice, "AlreadyInOrganizationException"},
		"an invited member":             {again, "HandshakeConstraintViolationException"},
		"a policy of a disabled type":   {disabled, "PolicyTypeNotEnabledException"},
		"an unknown policy":             {unknown, "PolicyNotFoundException"},
		"deleting AWS's policy":         {managed, "PolicyChangesInProgressException"},
		"the management account leaves": {leaving, "MasterCannotLeaveOrganizationException"},
		"deleting with members":         {full, "OrganizationNotEmptyException"},
		"not JSON":                      {create(scp, `{`), "MalformedPolicyDocumentException"},
		"a principal in an SCP": {
			create(scp, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`),
			"MalformedPolicyDocumentException",
		},
		"an RCP that allows": {
			create(rcp, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`),
			"MalformedPolicyDocumentException",
		},
		"too long": {create(scp, strings.Repeat(" ", 5121)), "ConstraintViolationException"},
	} {
		if got := code(test.err); got != test.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, test.want, test.err)
		}
	}
}

// TestTree checks units, accounts and pages of lists.
func TestTree(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx := t.Context()
	parent := s.Root
	for range 5 {
		made, err := s.Client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
			Name: aws.String("Nested"), ParentId: &parent,
		})
		s.must(err)
		parent = *made.OrganizationalUnit.Id
	}
	_, err := s.Client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
		Name: aws.String("Nested"), ParentId: &parent,
	})
	if code(err) != "ConstraintViolationException" {
		t.Errorf("a sixth level: %v", err)
	}
	_, err = s.Client.DeleteOrganizationalUnit(ctx, &organizations.DeleteOrganizationalUnitInput{
		OrganizationalUnitId: &parent,
	})
	s.must(err)
	for i := range 25 {
		_, err := s.Client.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{
			Name: aws.String(strings.Repeat("x", i+1)), ParentId: &s.Root,
		})
		s.must(err)
	}
	seen := map[string]bool{}
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(s.Client,
		&organizations.ListOrganizationalUnitsForParentInput{ParentId: &s.Root})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		s.must(err)
		for _, unit := range page.OrganizationalUnits {
			seen[*unit.Id] = true
		}
	}
	if len(seen) != 26 {
		t.Errorf("%d units are listed, want 26", len(seen))
	}
	accounts, err := s.Client.ListAccounts(ctx, &organizations.ListAccountsInput{})
	s.must(err)
	if len(accounts.Accounts) != 2 || *accounts.Accounts[1].Id != s.Customer.ID {
		t.Errorf("%+v", accounts.Accounts)
	}
	_, err = s.Organizations(s.Customer.Keys).LeaveOrganization(ctx, &organizations.LeaveOrganizationInput{})
	s.must(err)
	accounts, err = s.Client.ListAccounts(ctx, &organizations.ListAccountsInput{})
	s.must(err)
	if len(accounts.Accounts) != 1 {
		t.Errorf("after leaving: %+v", accounts.Accounts)
	}
}
