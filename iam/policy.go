package iam

// Versions of the policy language. A policy without a version is
// [Version2008], in which policy variables are plain text.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Text is a string of a document and its position. Numbers and booleans in
// condition values are kept as written.
type Text struct {
	Value    string
	Position Position // invalid if the element is absent
}

// List is an element with one or several strings, such as Action, Resource or
// the values of a condition. A nil *List is an absent element. A List without
// values was written as [] and matches nothing.
type List struct {
	Position Position
	Values   []Text
}

// Policy is a parsed policy document. Every element has its position. [Parse]
// returns it and [Compile] prepares it for evaluation. Don't change a policy
// that is shared.
type Policy struct {
	Kind       Kind
	Version    Text // empty when absent
	ID         Text // the Id element
	Statements []Statement
}

// Statement is one statement of a policy. In each pair of an element and its
// Not-element, one is nil.
type Statement struct {
	Position     Position
	Sid          Text
	Effect       Text // "Allow" or "Deny"
	Principal    *PrincipalElement
	NotPrincipal *PrincipalElement
	Action       *List
	NotAction    *List
	Resource     *List
	NotResource  *List
	Conditions   []Condition // one for each operator and key, in document order; all must match
}

// PrincipalElement is a Principal or NotPrincipal element.
type PrincipalElement struct {
	Position Position
	Any      bool             // the element is the string "*"
	Entries  []PrincipalEntry // otherwise one entry per principal type, in document order
}

// PrincipalEntry lists the principals of one type: "AWS", "Service",
// "Federated" or "CanonicalUser".
type PrincipalEntry struct {
	Type   Text
	Values List
}

// Condition is one operator applied to one key. It matches if any of the
// values does or, for a negated operator, if none does.
type Condition struct {
	Operator Text // as written, such as "ForAllValues:StringLikeIfExists"
	Key      Text // as written, such as "aws:PrincipalTag/team"
	Values   List
}

// String returns the policy as canonical JSON, like [Policy.MarshalJSON].
func (p *Policy) String() string {
	text, err := p.MarshalJSON()
	if err != nil {
		return "invalid policy: " + err.Error()
	}
	return string(text)
}
