package assume

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// What STS allows.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	MinDuration     = 15 * time.Minute
	MaxDuration     = 12 * time.Hour
	DefaultDuration = time.Hour
	MaxPolicyLength = 2048 // characters of a session policy
	maxTags         = 50
	maxTagKey       = 128
	maxTagValue     = 256
)

// Request asks for a session of a customer's role.
type Request struct {
	Integration string        // ID of the integration whose role it is; required
	RoleARN     RoleARN       // required
	ExternalID  ExternalID    // the integration's own; required
	SessionName string        // what the customer's CloudTrail shows; default [SessionName] of Purpose and Integration
	Duration    time.Duration // default [DefaultDuration]
	Policy      string        // session policy, when the need is narrower than the integration; JSON
	Purpose     string        // "load", "verify", "vend"; required, names the session
	Identity    string        // source identity: on whose behalf; optional
	Tags        map[string]string
	Fresh       bool // ask AWS, whatever is kept, and keep nothing
}

var (
	sessionNameForm = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{2,64}$`)
	notInName       = regexp.MustCompile(`[^A-Za-z0-9_+=,.@-]+`)
)

// SessionName makes a session name of parts: joined with "-", what STS does
// not allow replaced by "-", cut at 64 characters.
func SessionName(parts ...string) string {
	name := notInName.ReplaceAllString(strings.Join(append([]string{"windlass"}, parts...), "-"), "-")
	return name[:min(len(name), 64)]
}

// checked gives the request with its defaults, or every fault it has.
func (r Request) checked() (Request, error) {
	if r.SessionName == "" {
		r.SessionName = SessionName(r.Purpose, r.Integration)
	}
	if r.Duration == 0 {
		r.Duration = DefaultDuration
	}
	if findings := r.faults(); len(findings) > 0 {
		return Request{}, problem.New(problem.Invalid, "The session cannot be asked for: %s", findings[0].Message).WithFindings(findings...)
	}
	return r, nil
}

func (r Request) faults() []problem.Finding {
	var findings []problem.Finding
	fault := func(bad bool, path, format string, args ...any) {
		if bad {
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
		}
	}
	_, arnErr := ParseRoleARN(string(r.RoleARN))
	fault(arnErr != nil, "role_arn", "%v", arnErr)
	idErr := r.ExternalID.Check()
	fault(idErr != nil, "external_id", "%v", idErr)
	fault(r.Integration == "", "integration", "No integration is named.")
	fault(r.Purpose == "", "purpose", "No purpose is named.")
	fault(!sessionNameForm.MatchString(r.SessionName), "session_name", "The session name %s is not 2 to 64 letters, digits or _+=,.@-.", quoted(r.SessionName))
	fault(r.Duration < MinDuration || r.Duration > MaxDuration, "duration", "A session lasts 15 minutes to 12 hours, not %s.", r.Duration)
	fault(r.Policy != "" && !json.Valid([]byte(r.Policy)), "policy", "The session policy is not JSON.")
	fault(len(r.Policy) > MaxPolicyLength, "policy", "The session policy has %d characters; STS allows %d.", len(r.Policy), MaxPolicyLength)
	fault(r.Identity != "" && (!sessionNameForm.MatchString(r.Identity) || strings.HasPrefix(strings.ToLower(r.Identity), "aws:")),
		"source_identity", "The source identity %s is not 2 to 64 letters, digits or _+=,.@-.", quoted(r.Identity))
	fault(len(r.Tags) > maxTags, "tags", "%d session tags are given; STS allows %d.", len(r.Tags), maxTags)
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		fault(key == "" || len(key) > maxTagKey || len(r.Tags[key]) > maxTagValue || strings.HasPrefix(strings.ToLower(key), "aws:"),
			"tags", "The session tag %s is not allowed.", quoted(key))
	}
	return findings
}

// key is the same for two requests that the same session answers.
func (r Request) key() key {
	text, _ := json.Marshal(r) // a struct of strings, numbers and a map of strings always marshals
	return key{integration: r.Integration, digest: sha256.Sum256(text)}
}
