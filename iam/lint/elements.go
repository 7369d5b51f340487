package lint

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
)

var elementRules = []rule{
	{of(iam.Identity, iam.Session, iam.Boundary, iam.Trust), (*checker).sid},
	{everyKind, (*checker).emptySid},
	{everyKind, (*checker).emptyElements},
}

// wholePolicy checks the policy apart from its statements.
func (c *checker) wholePolicy() {
	if c.root.Kind != iam.ObjectNode {
		return
	}
	c.version()
	c.size()
}

func (c *checker) version() {
	at := c.policy.Version
	switch {
	case c.root.Member("Version") == nil:
		c.report(
			"missing-version",
			place{c.root.Position, ""},
			add(c.root.Position, "Version", text(iam.Version2012), "Id", "Statement"),
			"Version is missing and defaults to 2008-10-17, in which policy variables are plain text. Add "+
				"\"Version\": \"2012-10-17\".",
		)
	case at.Value == iam.Version2008:
		c.report("old-version", place{at.Position, "Version"}, replace(at.Position, iam.Version2012),
			"In version 2008-10-17 variables such as ${aws:username} are plain text. Use 2012-10-17.")
	}
}

// quota is a limit on the length of a policy.
type quota struct {
	max      int
	whole    bool // white space counts too
	severity Severity
	what     string
}

// quotas are AWS's quotas by kind, highest first. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html.
var quotas = map[iam.Kind][]quota{
	iam.Identity: {
		{
			10240, false, Error,
			"10,240 characters of all inline policies of a role, the highest limit of any identity policy",
		},
		{6144, false, Warning, "6,144 characters of a managed policy"},
	},
	iam.Boundary: {{6144, false, Error, "6,144 characters of a permissions boundary"}},
	iam.Session:  {{2048, true, Error, "2,048 characters of an inline session policy"}},
	iam.Trust: {
		{8192, false, Error, "8,192 characters of a trust policy, the highest possible quota"},
		{2048, false, Warning, "2,048 characters of a trust policy, the default quota"},
	},
	iam.Resource:        {{20480, true, Error, "20,480 bytes of a bucket policy"}},
	iam.ServiceControl:  {{5120, true, Error, "5,120 characters of a service control policy"}},
	iam.ResourceControl: {{5120, true, Error, "5,120 characters of a resource control policy"}},
	iam.Endpoint:        {{20480, true, Error, "20,480 characters of an endpoint policy"}},
}

// inlineQuotas are the quotas of an identity policy by the kind of principal that
// it is attached to.
var inlineQuotas = map[string][]quota{
	"user": {
		{6144, false, Error, "6,144 characters of a managed policy, and an inline policy of a user is smaller still"},
		{
			2048, false, Warning,
			"2,048 characters of all inline policies of a user. Make it a managed policy, which has 6,144",
		},
	},
	"group": {
		{6144, false, Error, "6,144 characters of a managed policy, and an inline policy of a group is smaller still"},
		{
			5120, false, Warning,
			"5,120 characters of all inline policies of a group. Make it a managed policy, which has 6,144",
		},
	},
}

// quotasOf returns the limits of the policy's length, highest first.
func (c *checker) quotasOf() []quota {
	if inline := inlineQuotas[c.options.PrincipalKind]; c.kind == iam.Identity && inline != nil {
		return inline
	}
	return quotas[c.kind]
}

func (c *checker) size() {
	for _, q := range c.quotasOf() {
		length := utf8.RuneCount(c.document)
		if !q.whole {
			length -= whiteSpace(c.document)
		}
		if length > q.max {
			c.reportAs("policy-too-large", q.severity, place{c.root.Position, ""}, nil,
				"The policy has %d characters and exceeds the limit of %s. Split it, or use shorter patterns.", length,
				q.what)
			return
		}
	}
}

// whiteSpace counts the white space around JSON tokens, which AWS doesn't count.
func whiteSpace(document []byte) int {
	n, inString := 0, false
	for i := 0; i < len(document); i++ {
		switch b := document[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case !inString && (b == ' ' || b == '\t' || b == '\r' || b == '\n'):
			n++
		}
	}
	return n
}

const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (c *checker) sid(s *statement) {
	sid := s.Sid.Value
	if strings.Trim(sid, alphanumeric) == "" {
		return
	}
	kept := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && strings.ContainsRune(alphanumeric, r) {
			return r
		}
		return -1
	}, sid)
	var fix edit
	if kept != "" {
		fix = replace(s.Sid.Position, kept)
	}
	c.report("invalid-sid", place{s.Sid.Position, s.place.path + ".Sid"}, fix,
		"The Sid %q has characters that IAM rejects. Use only letters and digits.", shorten(sid))
}

func (c *checker) emptySid(s *statement) {
	if m := s.node.Member("Sid"); m != nil && m.Value.Kind == iam.StringNode && s.Sid.Value == "" {
		c.report("empty-sid", place{s.Sid.Position, s.place.path + ".Sid"}, remove(s.Sid.Position),
			"The Sid is empty. Name the statement, or remove the Sid.")
	}
}

// emptyElements finds elements that are [] or {}.
func (c *checker) emptyElements(s *statement) {
	for i := range s.node.Members {
		m := &s.node.Members[i]
		path := s.place.path + "." + m.Name
		switch m.Name {
		case "Action", "NotAction", "Resource", "NotResource":
			c.empty(&m.Value, path)
		case "Principal", "NotPrincipal", "Condition":
			c.empty(&m.Value, path)
			for j := range m.Value.Members {
				inner := &m.Value.Members[j]
				c.empty(&inner.Value, path+"."+inner.Name)
				for k := range inner.Value.Members {
					key := &inner.Value.Members[k]
					c.empty(&key.Value, fmt.Sprintf("%s.%s.%s", path, inner.Name, key.Name))
				}
			}
		}
	}
}

func (c *checker) empty(n *iam.Node, path string) {
	array := n.Kind == iam.ArrayNode && len(n.Elements) == 0
	if array || n.Kind == iam.ObjectNode && len(n.Members) == 0 {
		c.report("empty-array", place{n.Position, path}, nil,
			"%s is empty, so the statement has no effect. Add a value, or remove it.", shorten(path))
	}
}

// acrossStatements compares statements with one another.
func (c *checker) acrossStatements(statements []statement) {
	sids := map[string]int{}
	for i := range statements {
		sid := statements[i].Sid
		if sid.Value == "" || c.kind == iam.Resource {
			continue // S3 accepts bucket policies with duplicate Sids
		}
		if first, ok := sids[sid.Value]; ok {
			c.report("unique-sids-required", place{sid.Position, statements[i].place.path + ".Sid"},
				replace(sid.Position, fmt.Sprintf("%s%d", sid.Value, i+1)),
				"Statement %[2]d has the Sid %[1]q too. Sids must be unique.", shorten(sid.Value), first+1)
			continue
		}
		sids[sid.Value] = i
	}
	c.redundantStatements(statements)
}
