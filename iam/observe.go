package iam

// Element is a part of a statement that a request is matched against.
type Element uint8

// The elements, in the order in which they are matched.
const (
	NoElement        Element = iota
	ActionElement            // Action or NotAction
	PrincipalPart            // Principal or NotPrincipal
	ResourceElement          // Resource or NotResource
	ConditionElement         // Condition
)

// Cause is the reason for a condition's outcome.
type Cause uint8

// The causes.
const (
	NoCause            Cause = iota
	KeyAbsent                // the request does not carry the key
	KeyPresent               // Null: the request carries the key
	ValueDiffers             // the request's value was compared
	VariableUnresolved       // a policy variable has no value in this request
	SeveralValues            // the key has several values and the operator has no ForAllValues or ForAnyValue
	EmptyValue               // the key's value is empty, which set operators and Null treat as missing
)

// Match is the outcome of matching one statement with a request.
type Match struct {
	Applies   bool    // the statement takes effect
	Failed    Element // the first element that didn't match; NoElement when all did
	Condition int     // the index of the failed condition when Failed is ConditionElement, else -1
	Cause     Cause   // of the failed condition
	Doubt     bool    // AWS doesn't document the outcome; the stricter one was taken
}

// Observer receives the outcome of each statement of each policy.
type Observer interface {
	// Statement is called once for each statement of each policy, in the order of
	// [Policies]' fields and of the documents.
	Statement(kind Kind, policy int, c *Compiled, statement int, match Match)
}

// Observe is [Evaluate] with an observer: it matches and reports every statement,
// even after one has decided. The decision is the same.
func Observe(policies *Policies, request *Request, observer Observer) Decision {
	if policies != nil {
		var e evaluation
		e.begin(policies, request)
		report := func(kind Kind, index int, c *Compiled) {
			if c == nil {
				return
			}
			for i := range c.statements {
				var m Match
				c.statements[i].match(&e, &m)
				observer.Statement(kind, index, c, i, m)
			}
		}
		for i, c := range policies.Identity {
			report(Identity, i, c)
		}
		report(Resource, 0, policies.Resource)
		report(Trust, 0, policies.Trust)
		for i, c := range policies.Session {
			report(Session, i, c)
		}
		report(Boundary, 0, policies.Boundary)
		i := 0
		for _, level := range policies.ServiceControl {
			for _, c := range level {
				report(ServiceControl, i, c)
				i++
			}
		}
		for i, c := range policies.ResourceControl {
			report(ResourceControl, i, c)
		}
		report(Endpoint, 0, policies.Endpoint)
	}
	return Evaluate(policies, request)
}
