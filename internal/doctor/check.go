package doctor

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/object"
)

// Code names a check. Codes are stable.
type Code string

// The checks, in the order in which they run.
const (
	CodeAccessKey       Code = "access-key" // of an access key alone
	CodeIdentity        Code = "identity"
	CodeRoleARN         Code = "role-arn"
	CodeAssume          Code = "assume"
	CodeAssumeWithoutID Code = "assume-without-id"
	CodeAssumeWrongID   Code = "assume-wrong-id"
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

// Title says what the check proves.
func (c Code) Title() string {
	switch c {
	case CodeAccessKey:
		return "There is no better way in"
	case CodeIdentity:
		return "Windlass is who the trust policy names"
	case CodeRoleARN:
		return "The role ARN is well formed"
	case CodeAssume:
		return "The role lets Windlass in with the External ID"
	case CodeAssumeWithoutID:
		return "The role keeps everyone out without it"
	case CodeAssumeWrongID:
		return "The role refuses any other External ID"
	case CodeVend:
		return "A session may bear the name of whom it is for"
	case CodeRegion:
		return "The bucket answers, and its region is known"
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
		return "Writing is refused, as declared"
	case CodeRequesterPays:
		return "Who pays for requests is settled"
	case CodeSessionPolicy:
		return "Access narrows to a single prefix"
	}
	return string(c)
}

// Status is the answer to a check.
type Status string

// The statuses.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	Warn Status = "warn" // it works, and something should be looked at
	Skip Status = "skip" // not asked: see WaitsFor, or Detail
)

// rank orders statuses by how bad they are, so that a check over several
// locations has the worst.
func (s Status) rank() int { return slices.Index([]Status{Skip, Pass, Warn, Fail}, s) }

// Check is one question that was put to AWS, and what came back.
type Check struct {
	Code      Code          `json:"code"`
	Title     string        `json:"title"`
	Status    Status        `json:"status"`
	Detail    string        `json:"detail"`               // what was found: one sentence
	WaitsFor  Code          `json:"waits_for,omitempty"`  // of a skipped check: the one that must pass first
	Calls     []Call        `json:"calls,omitempty"`      // what was called, in order
	CauseCode CauseCode     `json:"cause_code,omitempty"` // of a fail or warn, for programs
	Cause     string        `json:"cause,omitempty"`      // of a fail or warn: the likely cause, one sentence
	Fix       *Fix          `json:"fix,omitempty"`
	Took      time.Duration `json:"took_ns"`

	refused bool // it failed because AWS refused, which an edit that is still spreading explains
	unsure  bool // it failed because AWS did not answer, which proves nothing
}

// Call is one call to AWS and its answer.
type Call struct {
	Action    string        `json:"action"`               // as policies name it: "s3:ListBucket"
	Resource  string        `json:"resource"`             // role ARN, or s3:// address
	Status    int           `json:"status"`               // HTTP status; 0 when no answer came
	ErrorCode string        `json:"error_code,omitempty"` // AWS's
	RequestID string        `json:"request_id,omitempty"` // AWS's, when it is known
	Took      time.Duration `json:"took_ns"`
}

// Fix is what to change.
type Fix struct {
	Text     string          `json:"text"`               // one sentence
	Where    Where           `json:"where,omitempty"`    // what Document replaces
	Document json.RawMessage `json:"document,omitempty"` // the corrected policy, whole
	Diff     string          `json:"diff,omitempty"`     // against what was printed or pasted
	Command  string          `json:"command,omitempty"`  // the same for the AWS or the windlass command line
}

// Where is what a fix replaces.
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

// worsen gives the check a status unless it has a worse one, whose words stay.
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

// blame names the cause and the fix of a check that is not well.
func (c *Check) blame(cause CauseCode, sentence string, fix *Fix) {
	c.CauseCode, c.Cause, c.Fix = cause, sentence, fix
}

func (c *Check) skip(waitsFor Code, detail string) {
	c.Status, c.WaitsFor, c.Detail = Skip, waitsFor, detail
}

// answered adds the evidence of a call.
func (c *Check) answered(action, resource string, took time.Duration, requestID string, failure *object.Failure) {
	call := Call{Action: action, Resource: resource, Status: 200, RequestID: requestID, Took: took}
	if failure != nil {
		call.Status, call.ErrorCode, call.RequestID = failure.Status, failure.Code, failure.RequestID
	}
	c.Calls = append(c.Calls, call)
}
