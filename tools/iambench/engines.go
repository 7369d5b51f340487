package main

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/cedar-policy/cedar-go"
	cedartypes "github.com/cedar-policy/cedar-go/types"
	versity "github.com/versity/versitygw/iamapi/policy"
	versitytypes "github.com/versity/versitygw/iamapi/types"

	"github.com/windlass-io/windlass/iam"
)

// decider decides the i-th call. Everything is prepared in advance.
type decider func(i int) bool

func windlass() (decider, error) {
	policies, err := compiled()
	if err != nil {
		return nil, err
	}
	requests := make([]iam.Request, len(calls))
	for i := range calls {
		bind(&requests[i], &calls[i])
	}
	return func(i int) bool { return iam.Evaluate(policies, &requests[i]).Allowed() }, nil
}

// binding returns a decider that builds the request for each decision, from
// the text values of an HTTP request.
func binding() (decider, error) {
	policies, err := compiled()
	if err != nil {
		return nil, err
	}
	var request iam.Request
	return func(i int) bool {
		request.Context.Reset()
		bind(&request, &calls[i])
		return iam.Evaluate(policies, &request).Allowed()
	}, nil
}

func compiled() (*iam.Policies, error) {
	policy, err := iam.Parse(iam.Identity, []byte(document))
	if err != nil {
		return nil, err
	}
	c, err := iam.Compile(policy)
	if err != nil {
		return nil, err
	}
	return &iam.Policies{Identity: []*iam.Compiled{c}}, nil
}

func bind(r *iam.Request, c *call) {
	r.Principal = iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"}
	r.Action = actionName(c.action)
	r.Resource, r.ResourceAccount = c.resource, "111122223333"
	if c.bucket {
		r.Context.Set("s3:prefix", c.prefix)
		r.Context.Set("s3:max-keys", "1000")
	}
	r.Context.Set("aws:PrincipalTag/team", "red")
	r.Context.Set("aws:SourceIp", c.sourceIP)
	r.Context.Set("aws:SecureTransport", boolText(c.secure))
	r.Context.Set("aws:MultiFactorAuthAge", ageText(c.mfaAge))
}

// actionName, boolText and ageText return text values as a server has them.
func actionName(name string) string {
	switch name {
	case "ListBucket":
		return "s3:ListBucket"
	case "GetObject":
		return "s3:GetObject"
	case "PutObject":
		return "s3:PutObject"
	default:
		return "s3:DeleteObject"
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func ageText(seconds int64) string {
	if seconds < 100 {
		return "60"
	}
	return "7200"
}

func cedarGo() (decider, error) {
	policies, err := cedar.NewPolicySetFromBytes("set.cedar", []byte(translated))
	if err != nil {
		return nil, err
	}
	alice := cedar.NewEntityUID("User", "alice")
	entities := cedar.EntityMap{
		alice: {UID: alice, Attributes: cedar.NewRecord(cedar.RecordMap{"team": cedar.String("red")})},
	}
	requests := make([]cedar.Request, len(calls))
	for i := range calls {
		if requests[i], err = cedarRequest(entities, alice, &calls[i]); err != nil {
			return nil, err
		}
	}
	return func(i int) bool {
		decision, _ := cedar.Authorize(policies, entities, requests[i])
		return bool(decision)
	}, nil
}

func cedarRequest(entities cedar.EntityMap, principal cedar.EntityUID, c *call) (cedar.Request, error) {
	resource := cedar.NewEntityUID("Object", cedar.String(c.resource))
	if c.bucket {
		resource = cedar.NewEntityUID("Bucket", "data-bucket")
	}
	entities[resource] = cedar.Entity{
		UID: resource, Attributes: cedar.NewRecord(cedar.RecordMap{"arn": cedar.String(c.resource)}),
	}
	address, err := netip.ParsePrefix(c.sourceIP + "/32")
	if err != nil {
		return cedar.Request{}, err
	}
	context := cedar.RecordMap{
		"sourceIp":        cedartypes.IPAddr(address),
		"secureTransport": cedar.Boolean(c.secure),
		"mfaAge":          cedar.Long(c.mfaAge),
	}
	if c.bucket {
		context["prefix"], context["maxKeys"] = cedar.String(c.prefix), cedar.Long(1000)
	}
	return cedar.Request{
		Principal: principal, Action: cedar.NewEntityUID("Action", cedar.String(c.action)), Resource: resource,
		Context: cedar.NewRecord(context),
	}, nil
}

func versitygw() (decider, error) {
	documents := []versitytypes.PolicyEntry{{PolicyName: "set", PolicyDocument: document}}
	requests := make([]versity.RequestContext, len(calls))
	for i, c := range calls {
		requests[i] = versity.RequestContext{
			Action: actionName(c.action), Resource: c.resource,
			Condition: map[string][]string{
				"aws:PrincipalTag/team":  {"red"},
				"aws:SourceIp":           {c.sourceIP},
				"aws:SecureTransport":    {strconv.FormatBool(c.secure)},
				"aws:MultiFactorAuthAge": {strconv.FormatInt(c.mfaAge, 10)},
			},
		}
		if c.bucket {
			requests[i].Condition["s3:prefix"], requests[i].Condition["s3:max-keys"] = []string{c.prefix}, []string{
				"1000",
			}
		}
	}
	return func(i int) bool {
		return versity.EvaluateIdentityPolicies(documents, requests[i]) == versity.DecisionAllow
	}, nil
}

// agree checks that an engine returns the expected decisions before it is
// measured.
func agree(name string, decide decider) error {
	for i, c := range calls {
		if got := decide(i); got != c.allowed {
			return fmt.Errorf("%s decides %s on %s: allowed %t, want %t", name, c.action, c.resource, got, c.allowed)
		}
	}
	return nil
}
