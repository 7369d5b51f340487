package sandboxtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Organization is an organization with its client, of the management account.
type Organization struct {
	ID     string // "o-…"
	Root   string // "r-…"
	Client *organizations.Client
}

// MustOrganization creates an organization of a management account with one more account,
// in which both kinds of policies are enabled.
func (s *Server) MustOrganization(t testing.TB, management, member Account) *Organization {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o, ctx := &Organization{Client: s.Organizations(management.Keys)}, t.Context()
	made, err := o.Client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{})
	must(err)
	roots, err := o.Client.ListRoots(ctx, &organizations.ListRootsInput{})
	must(err)
	o.ID, o.Root = *made.Organization.Id, *roots.Roots[0].Id
	invited, err := o.Client.InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &types.HandshakeParty{Id: &member.ID, Type: types.HandshakePartyTypeAccount},
	})
	must(err)
	_, err = s.Organizations(member.Keys).
		AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id})
	must(err)
	for _, kind := range []types.PolicyType{
		types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy,
	} {
		_, err := o.Client.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{
			RootId: &o.Root, PolicyType: kind,
		})
		must(err)
	}
	return o
}

// MustPolicy creates a policy of one statement, attaches it to the root, a unit or an
// account, and returns its ID.
func (o *Organization) MustPolicy(t testing.TB, kind types.PolicyType, name, target, statement string) string {
	t.Helper()
	made, err := o.Client.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: &name, Description: aws.String(""), Type: kind,
		Content: aws.String(`{"Version":"2012-10-17","Statement":[` + statement + `]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	id := *made.Policy.PolicySummary.Id
	o.MustAttach(t, id, target)
	return id
}

// MustAttach attaches a policy to a target.
func (o *Organization) MustAttach(t testing.TB, policy, target string) {
	t.Helper()
	if _, err := o.Client.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{
		PolicyId: &policy, TargetId: &target,
	}); err != nil {
		t.Fatal(err)
	}
}

// MustDetach detaches a policy from a target.
func (o *Organization) MustDetach(t testing.TB, policy, target string) {
	t.Helper()
	if _, err := o.Client.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{
		PolicyId: &policy, TargetId: &target,
	}); err != nil {
		t.Fatal(err)
	}
}
