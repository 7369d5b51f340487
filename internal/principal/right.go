package principal

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Answer is the decision for an action.
type Answer string

// The possible answers.
const (
	Allowed Answer = "allowed"
	Refused Answer = "refused"
	Unsure  Answer = "unknown"
)

// The ways to find a right.
const (
	Tried     = "tried"     // by calling the action, which changes nothing
	Simulated = "simulated" // by calling iam:SimulatePrincipalPolicy
)

// Right is an action and whether the service may do it.
type Right struct {
	Action string
	Answer Answer
	By     string // [Tried] or [Simulated]
	Wanted bool   // Windlass needs it
}

// try calls actions that AWS should deny. They change nothing.
func (s *Service) try(ctx context.Context) []Right {
	_, buckets := s.s3.ListBuckets(ctx, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1)})
	_, users := s.iam.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
	return []Right{
		{Action: "s3:ListAllMyBuckets", Answer: answer(buckets), By: Tried},
		{Action: "iam:ListUsers", Answer: answer(users), By: Tried},
	}
}

func answer(err error) Answer {
	var response *awshttp.ResponseError
	switch {
	case err == nil:
		return Allowed
	case errors.As(err, &response) && response.HTTPStatusCode() == 403:
		return Refused
	}
	return Unsure
}

// simulated lists the actions to simulate: those that Windlass needs, and the
// most dangerous ones.
var simulated = []struct {
	action string
	wanted bool
}{
	{"sts:AssumeRole", true},
	{"sts:TagSession", true},
	{"sts:SetSourceIdentity", true},
	{"s3:GetObject", false},
	{"s3:PutObject", false},
	{"s3:DeleteObject", false},
	{"kms:Decrypt", false},
	{"iam:CreateUser", false},
	{"iam:AttachRolePolicy", false},
	{"iam:PassRole", false},
	{"ec2:RunInstances", false},
	{"lambda:InvokeFunction", false},
	{"secretsmanager:GetSecretValue", false},
}

// simulate calls iam:SimulatePrincipalPolicy for the service's own principal.
// Most principals may not call it, and needn't.
func (s *Service) simulate(ctx context.Context, r *Report) []Right {
	input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(r.ARN)}
	wanted := map[string]bool{}
	for _, a := range simulated {
		input.ActionNames = append(input.ActionNames, a.action)
		wanted[a.action] = a.wanted
	}
	output, err := s.iam.SimulatePrincipalPolicy(ctx, input)
	if err != nil {
		return []Right{{Action: "iam:SimulatePrincipalPolicy", Answer: answer(err), By: Tried}}
	}
	rights := []Right{{Action: "iam:SimulatePrincipalPolicy", Answer: Allowed, By: Tried}}
	for _, result := range output.EvaluationResults {
		action := aws.ToString(result.EvalActionName)
		right := Right{Action: action, Answer: Refused, By: Simulated, Wanted: wanted[action]}
		switch {
		case result.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed:
			right.Answer = Allowed
		case right.Wanted: // denied for all resources; the policy may allow some of them
			right.Answer = Unsure
		}
		rights = append(rights, right)
	}
	return rights
}
