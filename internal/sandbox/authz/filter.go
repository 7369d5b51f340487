package authz

import "strings"

// Filter selects decisions. Empty fields match all decisions.
type Filter struct {
	Service   string // "s3"
	Action    string // a part of the action, in any case
	Principal string // a part of the principal
	Resource  string // a part of the resource
	Effect    string // "allow", "denied" (either kind), "explicitDeny", "implicitDeny", "refused"
	Code      string // AWS's error code
	RequestID string
	After     int64 // only decisions with a higher sequence
	Limit     int   // at most this many, the newest; 0: all that are kept
}

func (f *Filter) matches(sequence int64, e *entry) bool {
	effect := e.effect()
	return sequence > f.After &&
		(f.Service == "" || strings.EqualFold(f.Service, e.service())) &&
		(f.Action == "" || strings.Contains(strings.ToLower(e.question.request.Action), strings.ToLower(f.Action))) &&
		(f.Principal == "" || strings.Contains(name(e.question.request.Principal), f.Principal)) &&
		(f.Resource == "" || strings.Contains(e.question.request.Resource, f.Resource)) &&
		(f.Effect == "" || f.Effect == effect || f.Effect == "denied" && strings.HasSuffix(effect, "Deny")) &&
		(f.Code == "" || f.Code == e.outcome.code) &&
		(f.RequestID == "" || f.RequestID == e.requestID)
}
