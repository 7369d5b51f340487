package authz

import "strings"

// Filter selects decisions. An empty field matches all.
type Filter struct {
	Service   string // "s3"
	Action    string // a part of it, in any case
	Principal string // a part of it
	Resource  string // a part of it
	Effect    string // "allow", "denied" (either kind), "explicitDeny", "implicitDeny", "refused"
	Code      string // AWS's error code
	RequestID string
	After     int64 // only those of a higher sequence
	Limit     int   // at most so many, the newest; 0: as many as are kept
}

func (f *Filter) matches(sequence int64, e *entry) bool {
	effect := e.effect()
	return sequence > f.After &&
		(f.Service == "" || strings.EqualFold(f.Service, e.service())) &&
		(f.Action == "" || strings.Contains(strings.ToLower(e.request.Action), strings.ToLower(f.Action))) &&
		(f.Principal == "" || strings.Contains(name(e.request.Principal), f.Principal)) &&
		(f.Resource == "" || strings.Contains(e.request.Resource, f.Resource)) &&
		(f.Effect == "" || f.Effect == effect || f.Effect == "denied" && strings.HasSuffix(effect, "Deny")) &&
		(f.Code == "" || f.Code == e.outcome.code) &&
		(f.RequestID == "" || f.RequestID == e.requestID)
}
