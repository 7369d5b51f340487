package fault

import "strings"

// Match selects the calls that a fault strikes. Each field is a pattern in
// which * matches any text and ? one character. Empty fields match all calls.
type Match struct {
	Service   string // "s3", "iam", "sts", "kms", "sqs"
	Action    string // "GetObject" or "s3:GetObject", in any case
	Bucket    string
	Key       string // of an S3 object
	Principal string // ARN of the caller; for a role's session, of the session or the role
	Region    string // the region that the call is signed for
}

// Call describes a call at the point where it can go wrong.
type Call struct {
	Service    string
	Action     string // without the service
	Bucket     string // empty if the call has none
	Key        string // empty if the call has none
	Region     string
	Principals []string // all ARNs of the caller; empty for an anonymous one
}

func (m *Match) matches(c *Call) bool {
	return glob(m.Service, c.Service) && m.matchesAction(c) &&
		glob(m.Bucket, c.Bucket) && glob(m.Key, c.Key) && glob(m.Region, c.Region) && m.matchesPrincipal(c)
}

func (m *Match) matchesAction(c *Call) bool {
	pattern, action := strings.ToLower(m.Action), strings.ToLower(c.Action)
	if strings.Contains(action, ":") { // an event
		return glob(strings.TrimPrefix(pattern, "s3:"), action)
	}
	if strings.Contains(pattern, ":") {
		action = c.Service + ":" + action
	}
	return glob(pattern, action)
}

func (m *Match) matchesPrincipal(c *Call) bool {
	if m.Principal == "" {
		return true
	}
	for _, arn := range c.Principals {
		if glob(m.Principal, arn) {
			return true
		}
	}
	return false
}

// glob reports whether text matches a pattern of * and ?. An empty pattern
// matches all text. It only backtracks to the last star, so it is never slow.
func glob(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	p, t, star, retry := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			retry++
			p, t = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
