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

// Limits of STS.
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

// Request describes the session to request from STS.
type Request struct {
	Integration string     // ID of the role's integration; required
	RoleARN     RoleARN    // required
	ExternalID  ExternalID // of the integration; required
	// shown in the customer's CloudTrail; default [SessionName] of Purpose and Integration
	SessionName    string
	Duration       time.Duration     // default [DefaultDuration]
	Policy         string            // session policy as JSON, to narrow what the role may do; optional
	Purpose        string            // "load", "verify" or "vend"; part of the session name; required
	SourceIdentity string            // the person or job that the session is for; optional
	Tags           map[string]string // session tags; optional
	Fresh          bool              // bypass the cache
}

var (
	sessionNameForm = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{2,64}$`)
	notInName       = regexp.MustCompile(`[^A-Za-z0-9_+=,.@-]+`)
)

// SessionName joins "windlass" and parts with "-" to a session name. It
// replaces characters that STS doesn't allow by "-", and cuts the name at 64
// characters.
func SessionName(parts ...string) string {
	name := notInName.ReplaceAllString(strings.Join(append([]string{"windlass"}, parts...), "-"), "-")
	return name[:min(len(name), 64)]
}

// checked returns the request with its defaults, or a problem with all
// findings.
func (r Request) checked() (Request, error) {
	if r.SessionName == "" {
		r.SessionName = SessionName(r.Purpose, r.Integration)
	}
	if r.Duration == 0 {
		r.Duration = DefaultDuration
	}
	if findings := r.findings(); len(findings) > 0 {
		return Request{}, problem.New(problem.Invalid, "Invalid session request: %s", findings[0].Message).
			WithFindings(findings...)
	}
	return r, nil
}

func (r Request) findings() []problem.Finding {
	var findings []problem.Finding
	reject := func(invalid bool, path, format string, args ...any) {
		if invalid {
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
		}
	}
	_, arnErr := ParseRoleARN(string(r.RoleARN))
	reject(arnErr != nil, "role_arn", "%v", arnErr)
	idErr := r.ExternalID.Check()
	reject(idErr != nil, "external_id", "%v", idErr)
	reject(r.Integration == "", "integration", "The integration is missing.")
	reject(r.Purpose == "", "purpose", "The purpose is missing.")
	reject(!sessionNameForm.MatchString(r.SessionName), "session_name",
		"The session name %s isn't 2 to 64 letters, digits or _+=,.@-.", quoted(r.SessionName))
	reject(r.Duration < MinDuration || r.Duration > MaxDuration, "duration",
		"The duration is %s. A session lasts from 15 minutes to 12 hours.", r.Duration)
	reject(r.Policy != "" && !json.Valid([]byte(r.Policy)), "policy", "The session policy isn't valid JSON.")
	reject(len(r.Policy) > MaxPolicyLength, "policy",
		"The session policy has %d characters. STS allows %d.", len(r.Policy), MaxPolicyLength)
	reject(r.SourceIdentity != "" && (!sessionNameForm.MatchString(r.SourceIdentity) || isReserved(r.SourceIdentity)),
		"source_identity", "The source identity %s isn't 2 to 64 letters, digits or _+=,.@-.", quoted(r.SourceIdentity))
	reject(len(r.Tags) > maxTags, "tags", "The request has %d session tags. STS allows %d.", len(r.Tags), maxTags)
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		reject(key == "" || len(key) > maxTagKey || len(r.Tags[key]) > maxTagValue || isReserved(key),
			"tags", "STS doesn't allow the session tag %s.", quoted(key))
	}
	return findings
}

// isReserved reports whether AWS reserves the name.
func isReserved(name string) bool { return strings.HasPrefix(strings.ToLower(name), "aws:") }

// key returns the cache key. Equal requests have equal keys.
func (r Request) key() key {
	text, _ := json.Marshal(r) // a struct of strings, numbers and a map of strings always marshals
	return key{integration: r.Integration, digest: sha256.Sum256(text)}
}
