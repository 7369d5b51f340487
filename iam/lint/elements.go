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

// wholePolicy looks at what belongs to no statement.
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
		c.report("missing-version", place{c.root.Position, ""}, add(c.root.Position, "Version", text(iam.Version2012), "Id", "Statement"),
			"The policy has no Version, so AWS reads it as version 2008-10-17, in which policy variables are plain text. Add \"Version\": \"2012-10-17\".")
	case at.Value == iam.Version2008:
		c.report("old-version", place{at.Position, "Version"}, replace(at.Position, iam.Version2012),
			"Version 2008-10-17 is the old policy language: variables such as ${aws:username} are plain text in it. Write 2012-10-17.")
	}
}

// A quota is how long a policy may be. Where whole is set, white space counts.
type quota struct {
	most     int
	whole    bool
	severity Severity
	what     string
}

// quotas are AWS's, by kind, the highest first. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var quotas = map[iam.Kind][]quota{
	iam.Identity: {
		{10240, false, Error, "10,240 characters that a role's inline policies may have together, the most of any identity policy"},
		{6144, false, Warning, "6,144 characters of a managed policy"},
	},
	iam.Boundary: {{6144, false, Error, "6,144 characters of the managed policy that a boundary is"}},
	iam.Session:  {{2048, true, Error, "2,048 characters that AWS STS takes as an inline session policy"}},
	iam.Trust: {
		{8192, false, Error, "8,192 characters of a trust policy, the most that the quota can be raised to"},
		{2048, false, Warning, "2,048 characters of a trust policy that an account has without raising the quota"},
	},
	iam.Resource: {{20480, true, Error, "20,480 bytes of a bucket policy"}},
}

func (c *checker) size() {
	for _, q := range quotas[c.kind] {
		length := utf8.RuneCount(c.document)
		if !q.whole {
			length -= whiteSpace(c.document)
		}
		if length > q.most {
			c.reportAs("policy-too-large", q.severity, place{c.root.Position, ""}, nil,
				"The policy has %d characters, more than the %s. Split it, or use shorter patterns.", length, q.what)
			return
		}
	}
}

// whiteSpace counts what AWS does not: space around the JSON's tokens.
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
		"The Sid %q has characters that IAM refuses: use letters and digits alone.", shorten(sid))
}

func (c *checker) emptySid(s *statement) {
	if m := s.node.Member("Sid"); m != nil && m.Value.Kind == iam.StringNode && s.Sid.Value == "" {
		c.report("empty-sid", place{s.Sid.Position, s.place.path + ".Sid"}, remove(s.Sid.Position), "The Sid is empty: give it a name, or leave it out.")
	}
}

// emptyElements finds elements that were written as [] or {}.
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
		c.report("empty-array", place{n.Position, path}, nil, "%s is empty, so the statement has no effect: name what it is about, or leave it out.", shorten(path))
	}
}

// acrossStatements compares statements with each other.
func (c *checker) acrossStatements(statements []statement) {
	sids := map[string]int{}
	for i := range statements {
		sid := statements[i].Sid
		if sid.Value == "" || c.kind == iam.Resource {
			continue // S3 takes bucket policies whose Sids are alike
		}
		if first, ok := sids[sid.Value]; ok {
			c.report("unique-sids-required", place{sid.Position, statements[i].place.path + ".Sid"}, replace(sid.Position, fmt.Sprintf("%s%d", sid.Value, i+1)),
				"The Sid %q is also that of statement %d; each must have its own.", shorten(sid.Value), first+1)
			continue
		}
		sids[sid.Value] = i
	}
	c.redundantStatements(statements)
}
