package iamapi

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

type matchedXML struct {
	SourcePolicyID   string `xml:"SourcePolicyId"`
	SourcePolicyType string
	StartPosition    placeXML
	EndPosition      placeXML
}

// placeXML is a position in a policy: line and column from 1.
type placeXML struct {
	Line   int
	Column int
}

type evaluationXML struct {
	EvalActionName    string
	EvalResourceName  string
	EvalDecision      string
	MatchedStatements struct {
		Members []matchedXML `xml:"member"`
	}
	MissingContextValues stringsXML
	Boundary             *boundaryDecisionXML     `xml:"PermissionsBoundaryDecisionDetail,omitempty"`
	Organization         *organizationDecisionXML `xml:"OrganizationsDecisionDetail,omitempty"`
}

type boundaryDecisionXML struct{ AllowedByPermissionsBoundary bool }

type organizationDecisionXML struct{ AllowedByOrganizations bool }

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
			out.MatchedStatements.Members = []matchedXML{matched(s.identity[d.Policy], d.Statement)}
		case d.Kind == iam.Resource:
			out.MatchedStatements.Members = []matchedXML{
				matched(source{"ResourcePolicy", "resource", s.resource}, d.Statement),
			}
		}
	}
	if len(s.boundary) > 0 {
		out.Boundary = &boundaryDecisionXML{d.Reason != iam.BoundarySilent && d.Kind != iam.Boundary}
	}
	if s.guardrails.LimitsCaller() {
		out.Organization = &organizationDecisionXML{d.Kind != iam.ServiceControl}
	}
	return out
}

// matched returns the statement that decided, with its position from its first
// character to after its last.
func matched(from source, statement int) matchedXML {
	start := from.document.Policy().Statements[statement].Position
	out := matchedXML{
		SourcePolicyID:   from.id,
		SourcePolicyType: from.kind,
		StartPosition:    placeXML{start.Line, start.Column},
	}
	if end := statementEnd(from.document, statement); end > 0 {
		before := from.document.Text[:end]
		out.EndPosition = placeXML{strings.Count(before, "\n") + 1, end - strings.LastIndexByte(before, '\n')}
	}
	return out
}

// statementEnd returns the offset after a statement's last byte, or 0 without
// one.
func statementEnd(document *directory.Document, statement int) int {
	root, err := iam.ParseDocument([]byte(document.Text))
	if err != nil {
		return 0
	}
	member := root.Member("Statement")
	switch {
	case member == nil:
		return 0
	case member.Value.Kind == iam.ObjectNode:
		return member.Value.End
	case statement < len(member.Value.Elements):
		return member.Value.Elements[statement].End
	default:
		return 0
	}
}
