package problem

// Limit names the kind of a limit that an error comes from, for metrics.
type Limit string

// The kinds of limits whose errors are of this package. Limits of rates and
// of concurrent requests are counted where they are enforced.
const (
	LimitSize  Limit = "size"  // of a request, an upload or a response
	LimitCount Limit = "count" // of the things of a workspace
	LimitQueue Limit = "queue" // of waiting loads
	LimitSpool Limit = "spool" // of the disk space for answers and uploads
)

// WithLimit returns e with the limit that it comes from.
func (e *Error) WithLimit(limit Limit) *Error {
	e.Limit = limit
	return e
}

// LimitOf returns the limit that an error comes from, or "".
func LimitOf(err error) Limit {
	e := From(err)
	if e.Limit == "" && e.Code == TooLarge {
		return LimitSize
	}
	return e.Limit
}

// Full returns the error for a workspace that has as many things as it may
// have: "The workspace has 100 integrations, the most it can have.".
func Full(things string, n int) *Error {
	return New(TooLarge, "The workspace has %d %s, the most it can have.", n, things).WithLimit(LimitCount)
}
