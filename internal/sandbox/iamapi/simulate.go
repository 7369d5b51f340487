package iamapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The limits of a simulation: decisions and condition keys per call.
const (
	maxSimulated = 1000
	maxKeys      = 100
)

func simulatedARN(c *call, _ *directory.Tx) string { return c.Params.Get("PolicySourceArn") }

// source is a policy of a simulation with its name in the result.
type source struct {
	id, kind string
	document *directory.Document
}

// simulation is one call of SimulatePrincipalPolicy or SimulateCustomPolicy.
type simulation struct {
	principal iam.Principal
	identity  []source
	boundary  []source
	resource  *directory.Document
	owner     string
	// of the principal's account; SimulateCustomPolicy leaves them out
	guardrails directory.Guardrails
	entries    []contextEntry
}

type contextEntry struct {
	name   string
	values []string
}

func simulatePrincipalPolicy(c *call, tx *directory.Tx) (any, error) {
	s := &simulation{}
	if err := s.fromPrincipal(c, tx); err != nil {
		return nil, err
	}
	s.guardrails = tx.Guardrails(s.principal.Account, "")
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	return s.run(c)
}

func simulateCustomPolicy(c *call, _ *directory.Tx) (any, error) {
	account := c.Caller.Account
	s := &simulation{
		principal: iam.Principal{Type: iam.User, ARN: "arn:aws:iam::" + account + ":user/simulated", Account: account},
	}
	if len(c.Params.List("PolicyInputList")) == 0 {
		return nil, invalid(
			"1 validation error detected: Value null at 'policyInputList' failed to satisfy constraint: Member must " +
				"not be null",
		)
	}
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	return s.run(c)
}

// run decides each action on each resource.
func (s *simulation) run(c *call) (any, error) {
	actions, resources := c.Params.List("ActionNames"), c.Params.List("ResourceArns")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	if len(actions) == 0 || len(actions)*len(resources) > maxSimulated {
		return nil, invalidInput("Between 1 and %d pairs of an action and a resource are allowed.", maxSimulated)
	}
	policies := &iam.Policies{Resource: s.resource.Compiled()}
	s.guardrails.LimitCaller(policies)
	for _, source := range s.identity {
		policies.Identity = append(policies.Identity, source.document.Compiled())
	}
	if len(s.boundary) > 0 {
		policies.Boundary = s.boundary[0].document.Compiled()
	}
	missing := s.missing()
	var result simulationResult
	for _, action := range actions {
		if !strings.Contains(action, ":") || strings.ContainsAny(action, "*?") {
			return nil, invalidInput("Invalid action name: %s", cut(action))
		}
		policies.Trust = nil
		if s.resource == nil && beginsSession(action) {
			policies.Trust = s.delegating()
		}
		for _, resource := range resources {
			d := iam.Evaluate(policies, s.request(action, resource))
			result.EvaluationResults.Members = append(
				result.EvaluationResults.Members,
				s.show(action, resource, d, missing),
			)
		}
	}
	return result, nil
}

// beginsSession reports whether a role's trust policy decides an action.
func beginsSession(action string) bool {
	action = strings.ToLower(action)
	return action == "sts:assumerole" || action == "sts:tagsession" || action == "sts:setsourceidentity"
}

// delegating returns a trust policy that leaves the decision to the
// principal's own policies, because a simulation doesn't know the role.
func (s *simulation) delegating() *iam.Compiled {
	document, err := directory.NewDocument(
		iam.Trust,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow",`+
			`"Principal":{"AWS":"`+s.principal.Account+`"},"Action":"sts:*"}}`,
	)
	if err != nil { // can't fail: only the account's ID varies
		return nil
	}
	return document.Compiled()
}

func (s *simulation) request(action, resource string) *iam.Request {
	request := &iam.Request{Principal: s.principal, Action: action, Resource: resource, ResourceAccount: s.owner}
	request.Context.Set("aws:PrincipalAccount", s.principal.Account)
	if s.principal.UserName != "" {
		request.Context.Set("aws:username", s.principal.UserName)
	}
	if s.principal.UserID != "" {
		request.Context.Set("aws:userid", s.principal.UserID)
	}
	arn := s.principal.ARN
	if s.principal.RoleARN != "" {
		arn = s.principal.RoleARN
	}
	request.Context.Set("aws:PrincipalArn", arn)
	if s.guardrails.PrincipalOrg != "" {
		request.Context.Set("aws:PrincipalOrgID", s.guardrails.PrincipalOrg)
		request.Context.Set("aws:PrincipalOrgPaths", s.guardrails.PrincipalPath)
	}
	for _, entry := range s.entries {
		request.Context.Set(entry.name, entry.values...)
	}
	return request
}
