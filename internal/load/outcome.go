package load

import (
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Outcome is the outcome of a load in the state loaded. It is empty in other
// states and for a dry run.
type Outcome string

// The outcomes.
const (
	Complete Outcome = "complete" // every object
	Partial  Outcome = "partial"  // some objects failed; the load's problems name them
	Nothing  Outcome = "nothing"  // there was nothing to load
)

// Codes of loads that failed and of objects that could not be loaded. A problem
// of a file's content has the reason of package tabular, such as "damaged".
const (
	CodeAllRejected        = "all_rejected"         // every row of the object was rejected
	CodeMaxRejectedPercent = "max_rejected_percent" // too many rows of the object were rejected
	CodeMaxRejected        = "max_rejected"         // too many rows of the load were rejected
	CodeDenied             = "denied"               // AWS refused the call
	CodeKMSDenied          = "kms_denied"           // AWS refused to decrypt the object
	CodeGone               = "gone"                 // the object was deleted after it was listed
	CodeChanging           = "changing"             // the object changed each time it was read
	CodeArchived           = "archived"             // the object must be restored first
	CodeNoBucket           = "no_bucket"            // the bucket doesn't exist
	CodeClockSkew          = "clock_skew"           // the clock of this machine is wrong
	CodeCrashed            = "crashed"              // the worker crashed several times in a row
	CodeTooManyDeleted     = "too_many_deleted"     // too many objects of the feed are gone from the bucket
	CodeDrift              = "drift"                // objects differ from the schema, and the feed doesn't allow it
	CodeUnknownRows        = "unknown_rows"         // it isn't known which rows an object brought
	CodeUnreadable         = "unreadable"           // the object can't be read for another reason
)

// outcomeOf returns the outcome of a load that succeeded.
func (l *Load) outcomeOf() Outcome {
	switch {
	case l.DryRun:
		return ""
	case len(l.Problems) > 0:
		return Partial
	case l.Progress.Objects == 0 && l.Progress.ObjectsRemoved == 0:
		return Nothing
	}
	return Complete
}

// codeOf returns the code of a load that failed.
func codeOf(reason *problem.Error) string {
	if reason.Reason != "" {
		return reason.Reason
	}
	return string(reason.Code)
}

// passing reports whether the problem is temporary, so that a later attempt
// may succeed.
func passing(outcome error, reason *problem.Error) bool {
	return reason.Code == problem.Unavailable || object.Passing(outcome)
}

// bucketRefusal is like [object.Refusal] and adds the code of the failed load.
func bucketRefusal(err error) error {
	refused := object.Refusal(err)
	f := object.FailureOf(err)
	found := problem.From(refused)
	if f == nil || found.Reason != "" || found.Code != problem.Refused {
		return refused
	}
	switch {
	case f.Code == "RequestTimeTooSkewed":
		return found.WithReason(CodeClockSkew).WithHint("Set the clock of the machine that Windlass runs on.")
	case f.Code == "NoSuchBucket":
		return found.WithReason(CodeNoBucket)
	case f.Denied():
		return found.WithReason(CodeDenied)
	}
	return refused
}
