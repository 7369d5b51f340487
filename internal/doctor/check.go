package doctor

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
)

// Code names a check. Codes are stable.
type Code string

// The checks, in the order in which they run.
const (
	CodeAccessKey       Code = "access-key" // only for access keys
	CodeIdentity        Code = "identity"
	CodeRoleARN         Code = "role-arn"
	CodeAssume          Code = "assume"
	CodeAssumeWithoutID Code = "assume-without-id"
	CodeAssumeWrongID   Code = "assume-wrong-id"
	CodeAssumeOldID     Code = "assume-old-id" // after a rotation
	CodeVend            Code = "vend"
	CodeRegion          Code = "region"
	CodeList            Code = "list"
	CodeListOutside     Code = "list-outside"
	CodeGet             Code = "get"
	CodeGetOutside      Code = "get-outside"
	CodePut             Code = "put"
	CodeDelete          Code = "delete"
	CodePutRefused      Code = "put-refused"
	CodeRequesterPays   Code = "requester-pays"
	CodeSessionPolicy   Code = "session-policy"
)

// Title returns what the check proves.
func (c Code) Title() string {
	switch c {
	case CodeAccessKey:
		return "The access key is necessary"
	case CodeIdentity:
		return "Windlass is the principal in the trust policy"
	case CodeRoleARN:
		return "The role ARN is valid"
	case CodeAssume:
		return "The role lets Windlass in with the External ID"
	case CodeAssumeWithoutID:
		return "The role keeps everyone out without it"
	case CodeAssumeWrongID:
		return "The role rejects any other External ID"
	case CodeAssumeOldID:
		return "The role rejects the old External ID"
	case CodeVend:
		return "Sessions can have a source identity and tags"
	case CodeRegion:
		return "The bucket is available, and its region is known"
	case CodeList:
		return "The declared location can be listed"
	case CodeListOutside:
		return "Nothing outside it can be listed"
	case CodeGet:
		return "An object in it can be read"
	case CodeGetOutside:
		return "No object outside it can be read"
	case CodePut:
		return "An object can be written"
	case CodeDelete:
		return "The written object can be deleted"
	case CodePutRefused:
		return "Writing is denied, as declared"
	case CodeRequesterPays:
		return "The requester pays setting matches the bucket"
	case CodeSessionPolicy:
		return "Access can be narrowed to a single prefix"
	}
	return string(c)
}

// part returns the part of an integration that a check is about.
func (c Code) part() integration.Part {
	switch c {
	case CodeVend:
		return integration.Vending
	case CodePut, CodeDelete:
		return integration.Writing
	case CodeAssumeOldID:
		return integration.Rotation
	default:
		return integration.Reading
	}
}

// Status is the result of a check.
type Status string

// The statuses.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	Warn Status = "warn" // it works, but needs attention
	Skip Status = "skip" // not run, see WaitsFor or Detail
)

// rank orders statuses by severity. A check of several locations has the most
// severe status.
func (s Status) rank() int { return slices.Index([]Status{Skip, Pass, Warn, Fail}, s) }

// Check is the result of one check.
type Check struct {
	Code      Code          `json:"code"`
	Title     string        `json:"title"`
	Status    Status        `json:"status"`
	Detail    string        `json:"detail"`               // the result in a sentence
	WaitsFor  Code          `json:"waits_for,omitempty"`  // of a skipped check: the check that must pass first
	Calls     []Call        `json:"calls,omitempty"`      // in order
	CauseCode CauseCode     `json:"cause_code,omitempty"` // of a fail or warn, for programs
	Cause     string        `json:"cause,omitempty"`      // of a fail or warn: the likely cause
	Fix       *Fix          `json:"fix,omitempty"`
	Took      time.Duration `json:"took_ns"`

	refused bool // it failed because AWS denied access, perhaps because a change is still propagating
	unsure  bool // it failed for a reason that proves nothing, such as a network problem
}

// Call is a call to AWS and its result.
type Call struct {
	Action    string        `json:"action"`               // as in policies: "s3:ListBucket"
	Resource  string        `json:"resource"`             // role ARN, or s3:// address
	Status    int           `json:"status"`               // HTTP status; 0 when there was no response
	ErrorCode string        `json:"error_code,omitempty"` // AWS's
	RequestID string        `json:"request_id,omitempty"` // AWS's; empty when unknown
	Took      time.Duration `json:"took_ns"`
}

// Fix describes what to change.
type Fix struct {
	Text     string          `json:"text"`
	Where    Where           `json:"where,omitempty"`    // what Document replaces
	Document json.RawMessage `json:"document,omitempty"` // the complete corrected policy, or a setting
	Diff     string          `json:"diff,omitempty"`     // from the printed or pasted policy
	Command  string          `json:"command,omitempty"`  // of the AWS or windlass command line
}

// Where names the document that a fix replaces.
type Where string

// The places.
const (
	TrustPolicy      Where = "trust_policy"
	PermissionPolicy Where = "permission_policy"
	BoundaryPolicy   Where = "permissions_boundary"
	BucketPolicy     Where = "bucket_policy"
	RoleSetting      Where = "role"
	OurSetting       Where = "integration"
)

func newCheck(code Code) *Check {
	return &Check{Code: code, Title: code.Title(), Status: Pass}
}

// worsen sets status and detail unless the check already has this status with a
// detail, or a more severe one. It reports whether it did.
func (c *Check) worsen(status Status, detail string) bool {
	if status.rank() < c.Status.rank() {
		return false
	}
	if status != c.Status || c.Detail == "" {
		c.Status, c.Detail = status, detail
		return true
	}
	return false
}

// blame sets the cause and the fix.
func (c *Check) blame(cause CauseCode, sentence string, fix *Fix) {
	c.CauseCode, c.Cause, c.Fix = cause, sentence, fix
}

func (c *Check) skip(waitsFor Code, detail string) {
	c.Status, c.WaitsFor, c.Detail = Skip, waitsFor, detail
}

// addCall adds the evidence of a call.
func (c *Check) addCall(action, resource string, took time.Duration, requestID string, failure *object.Failure) {
	call := Call{Action: action, Resource: resource, Status: 200, RequestID: requestID, Took: took}
	if failure != nil {
		call.Status, call.ErrorCode, call.RequestID = failure.Status, failure.Code, failure.RequestID
	}
	c.Calls = append(c.Calls, call)
}
