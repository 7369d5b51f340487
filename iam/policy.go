package iam

// Versions of the policy language. A policy without a version has the
// meaning of [Version2008]: policy variables are plain text in it.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Text is a string of a document and where it stands. Condition values that
// are numbers or booleans in the document are given as they are written.
type Text struct {
	Value    string
	Position Position // not valid where the element is absent
}

// List is an element that may be one string or several: Action, Resource,
// the values of a condition. A nil *List is an absent element; a List without
// values was written as [], and matches nothing.
type List struct {
	Position Position
	Values   []Text
}

// Policy is a policy document that has been read, every element with its
// place. [Parse] makes it, [Compile] makes it ready for evaluation. Treat it
// as read-only once it is shared.
type Policy struct {
	Kind       Kind
	Version    Text // empty when absent
	ID         Text // the element Id
	Statements []Statement
}

// Statement is one statement of a policy. Of each pair of an element and its
// Not-element one is nil.
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
	Conditions   []Condition // one for each operator and key, in document order; all must hold
}

// PrincipalElement is a Principal or NotPrincipal element.
type PrincipalElement struct {
	Position Position
	Any      bool             // the element is the string "*"
	Entries  []PrincipalEntry // otherwise: one for each principal type, in document order
}

// PrincipalEntry is the principals of one type: "AWS", "Service",
// "Federated" or "CanonicalUser".
type PrincipalEntry struct {
	Type   Text
	Values List
}

// Condition is one operator applied to one key. It holds when any of the
// values does (for a negated operator: when none does).
type Condition struct {
	Operator Text // as written, such as "ForAllValues:StringLikeIfExists"
	Key      Text // as written, such as "aws:PrincipalTag/team"
	Values   List
}

// String prints the policy as canonical JSON, as [Policy.MarshalJSON] does.
func (p *Policy) String() string {
	text, err := p.MarshalJSON()
	if err != nil {
		return "invalid policy: " + err.Error()
	}
	return string(text)
}
