package iamapi

import "github.com/windlass-io/windlass/iam"

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
