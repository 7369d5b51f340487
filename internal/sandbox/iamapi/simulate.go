package iamapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The bounds of a simulation: how many decisions one call may ask for, and how
// many condition keys it may bring.
const (
	maxSimulated = 1000
	maxKeys      = 100
)

func simulatedARN(c *Call, _ *directory.Tx) string { return c.Params.Get("PolicySourceArn") }

// source is a policy of a simulation and what it is called in the answer.
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
	entries   []contextEntry
}

type contextEntry struct {
	name   string
	values []string
}

func simulatePrincipalPolicy(c *Call, tx *directory.Tx) (any, error) {
	s := &simulation{}
	if err := s.fromPrincipal(c, tx); err != nil {
		return nil, err
	}
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	return s.run(c)
}

func simulateCustomPolicy(c *Call, _ *directory.Tx) (any, error) {
	account := c.Caller.Account
	s := &simulation{principal: iam.Principal{Type: iam.User, ARN: "arn:aws:iam::" + account + ":user/simulated", Account: account}}
	if len(c.Params.List("PolicyInputList")) == 0 {
		return nil, invalid("1 validation error detected: Value null at 'policyInputList' failed to satisfy constraint: Member must not be null")
	}
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	return s.run(c)
}

// fromPrincipal takes the policies of the user, group or role that is named.
func (s *simulation) fromPrincipal(c *Call, tx *directory.Tx) error {
	arn := c.Params.Get("PolicySourceArn")
	account, kind, name := directory.SplitARN(arn)
	missing := noSuchEntity("Invalid Entity Arn: %s does not exist.", cut(arn))
	if account != c.Caller.Account {
		return missing
	}
	switch kind {
	case "user":
		user := tx.UserByARN(arn)
		if user == nil {
			return missing
		}
		s.principal = iam.Principal{Type: iam.User, ARN: arn, Account: account, UserID: user.ID, UserName: user.Name}
		s.addIdentity(tx, &user.Identity, "user")
		for _, group := range userGroups(tx, user) {
			s.addIdentity(tx, &group.Identity, "group")
		}
		s.addBoundary(tx, user.Boundary)
	case "role":
		role := tx.RoleByARN(arn)
		if role == nil {
			return missing
		}
		s.principal = directory.RolePrincipal(role, "simulated")
		s.addIdentity(tx, &role.Identity, "role")
		s.addBoundary(tx, role.Boundary)
	case "group":
		group := tx.Groups.Get(account, name)
		if group == nil || group.ARN() != arn {
			return missing
		}
		s.principal = iam.Principal{Type: iam.User, ARN: "arn:aws:iam::" + account + ":user/simulated", Account: account}
		s.addIdentity(tx, &group.Identity, "group")
	default:
		return missing
	}
	return nil
}

func (s *simulation) addIdentity(tx *directory.Tx, i *directory.Identity, kind string) {
	for _, name := range directory.SortedNames(i.Inline) {
		s.identity = append(s.identity, source{kind + "_" + i.Name + "_" + name, kind, i.Inline[name]})
	}
	for _, arn := range i.Attached {
		if policy := tx.PolicyByARN(arn); policy != nil {
			owner := "user-managed"
			if policy.Account == "aws" {
				owner = "aws-managed"
			}
			s.identity = append(s.identity, source{policy.Name, owner, policy.Document()})
		}
	}
}

func (s *simulation) addBoundary(tx *directory.Tx, arn string) {
	if policy := tx.PolicyByARN(arn); policy != nil {
		s.boundary = append(s.boundary, source{policy.Name, "none", policy.Document()})
	}
}

// fromInput takes what the request itself brings.
func (s *simulation) fromInput(c *Call) error {
	add := func(to *[]source, parameter string) error {
		for i, text := range c.Params.List(parameter) {
			document, err := ReadDocument(iam.Identity, text)
			if err != nil {
				return invalidInput("Invalid Input Policy: %s", err)
			}
			*to = append(*to, source{parameter + "." + itoa(i+1), "none", document})
		}
		return nil
	}
	if err := add(&s.identity, "PolicyInputList"); err != nil {
		return err
	}
	if input := c.Params.List("PermissionsBoundaryPolicyInputList"); len(input) > 0 {
		s.boundary = nil // it takes the place of the identity's own
		if err := add(&s.boundary, "PermissionsBoundaryPolicyInputList"); err != nil {
			return err
		}
	}
	if text := c.Params.Get("ResourcePolicy"); text != "" {
		document, err := ReadDocument(iam.Resource, text)
		if err != nil {
			return invalidInput("Invalid Resource Policy: %s", err)
		}
		s.resource = document
	}
	s.owner = c.Caller.Account
	if owner, ok := strings.CutPrefix(c.Params.Get("ResourceOwner"), "arn:aws:iam::"); ok {
		s.owner, _, _ = strings.Cut(owner, ":")
	}
	for _, record := range c.Params.Records("ContextEntries", "ContextKeyName") {
		s.entries = append(s.entries, contextEntry{record.Get("ContextKeyName"), record.List("ContextKeyValues")})
	}
	if len(s.entries) > maxKeys {
		return invalidInput("At most %d context entries are allowed.", maxKeys)
	}
	return nil
}

type matchedXML struct {
	SourcePolicyID   string `xml:"SourcePolicyId"`
	SourcePolicyType string
}

type evaluationXML struct {
	EvalActionName    string
	EvalResourceName  string
	EvalDecision      string
	MatchedStatements struct {
		Members []matchedXML `xml:"member"`
	}
	MissingContextValues stringsXML
	Boundary             *boundaryDecisionXML `xml:"PermissionsBoundaryDecisionDetail,omitempty"`
}

type boundaryDecisionXML struct{ AllowedByPermissionsBoundary bool }

type simulationResult struct {
	EvaluationResults struct {
		Members []evaluationXML `xml:"member"`
	}
	page
}

// run decides every action on every resource.
func (s *simulation) run(c *Call) (any, error) {
	actions, resources := c.Params.List("ActionNames"), c.Params.List("ResourceArns")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	if len(actions) == 0 || len(actions)*len(resources) > maxSimulated {
		return nil, invalidInput("Between 1 and %d pairs of an action and a resource are allowed.", maxSimulated)
	}
	policies := &iam.Policies{Resource: s.resource.Compiled()}
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
			result.EvaluationResults.Members = append(result.EvaluationResults.Members, s.show(action, resource, d, missing))
		}
	}
	return result, nil
}

// beginsSession says whether an action is decided by a role's trust policy.
func beginsSession(action string) bool {
	action = strings.ToLower(action)
	return action == "sts:assumerole" || action == "sts:tagsession" || action == "sts:setsourceidentity"
}

// delegating is a trust policy that leaves the role to the principal's own
// policies: a simulation is about those, and sees no role.
func (s *simulation) delegating() *iam.Compiled {
	document, err := directory.NewDocument(iam.Trust, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+s.principal.Account+`"},"Action":"sts:*"}}`)
	if err != nil { // an account's ID is all that it is given
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
	for _, entry := range s.entries {
		request.Context.Set(entry.name, entry.values...)
	}
	return request
}

func (s *simulation) show(action, resource string, d iam.Decision, missing []string) evaluationXML {
	out := evaluationXML{EvalActionName: action, EvalResourceName: resource, MissingContextValues: stringsXML{missing}}
	switch d.Effect {
	case iam.Allow:
		out.EvalDecision = "allowed"
	case iam.ExplicitDeny:
		out.EvalDecision = "explicitDeny"
	case iam.ImplicitDeny:
		out.EvalDecision = "implicitDeny"
	}
	if d.Policy >= 0 && d.Statement >= 0 && d.Effect != iam.ImplicitDeny {
		switch {
		case d.Kind == iam.Identity && d.Policy < len(s.identity):
			out.MatchedStatements.Members = []matchedXML{{s.identity[d.Policy].id, s.identity[d.Policy].kind}}
		case d.Kind == iam.Resource:
			out.MatchedStatements.Members = []matchedXML{{"ResourcePolicy", "resource"}}
		}
	}
	if len(s.boundary) > 0 {
		out.Boundary = &boundaryDecisionXML{d.Reason != iam.BoundarySilent && d.Kind != iam.Boundary}
	}
	return out
}

// missing are the keys that the policies ask for and the request does not
// bring.
func (s *simulation) missing() []string {
	given := []string{"aws:principalarn", "aws:principalaccount", "aws:userid"}
	if s.principal.UserName != "" {
		given = append(given, "aws:username")
	}
	for _, entry := range s.entries {
		given = append(given, strings.ToLower(entry.name))
	}
	var documents []*directory.Document
	for _, source := range slices.Concat(s.identity, s.boundary) {
		documents = append(documents, source.document)
	}
	if s.resource != nil {
		documents = append(documents, s.resource)
	}
	return slices.DeleteFunc(conditionKeys(documents), func(key string) bool { return slices.Contains(given, strings.ToLower(key)) })
}

// conditionKeys gives the keys that conditions of the documents name, each
// once, in order.
func conditionKeys(documents []*directory.Document) []string {
	var keys []string
	for _, document := range documents {
		for _, statement := range document.Policy().Statements {
			for _, condition := range statement.Conditions {
				known := slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, condition.Key.Value) })
				if !known {
					keys = append(keys, condition.Key.Value)
				}
			}
		}
	}
	slices.Sort(keys)
	return keys
}

type contextKeysResult struct {
	ContextKeyNames stringsXML
}

func contextKeysForPrincipal(c *Call, tx *directory.Tx) (any, error) {
	s := &simulation{}
	if err := s.fromPrincipal(c, tx); err != nil {
		return nil, err
	}
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	var documents []*directory.Document
	for _, source := range s.identity {
		documents = append(documents, source.document)
	}
	return contextKeysResult{stringsXML{conditionKeys(documents)}}, nil
}

func contextKeysForCustom(c *Call, _ *directory.Tx) (any, error) {
	s := &simulation{}
	if err := s.fromInput(c); err != nil {
		return nil, err
	}
	var documents []*directory.Document
	for _, source := range s.identity {
		documents = append(documents, source.document)
	}
	return contextKeysResult{stringsXML{conditionKeys(documents)}}, nil
}
