package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// syntax reports the JSON syntax errors.
func (c *checker) syntax(faults []iam.Finding) {
	for _, f := range faults {
		at := place{f.Position, f.Path}
		switch f.Code {
		case iam.CodeTooLarge:
			c.report("policy-too-large", at, nil, "%s", sentence(f.Message))
		default:
			c.report("json-syntax-error", at, asWritten, "%s", sentence(f.Message))
		}
	}
}

// structure reports the findings of [iam.FromDocument].
func (c *checker) structure(faults []iam.Finding) {
	for _, f := range faults {
		if _, ok := catalog[f.Code]; !ok {
			f.Code = "data-type-mismatch"
		}
		c.report(f.Code, place{f.Position, f.Path}, c.structureFix(f), "%s", sentence(f.Message))
	}
}

// structureFix returns the correction of a structural problem, if it has one.
func (c *checker) structureFix(f iam.Finding) edit {
	if len(c.document) > maxFixedDocument {
		return nil
	}
	d := &draft{root: c.root}
	value, member := d.value(c.root, f.Position), d.member(c.root, f.Position)
	switch f.Code {
	case iam.CodeInvalidEffect:
		for _, effect := range []string{"Allow", "Deny"} {
			if value != nil && strings.EqualFold(strings.TrimSpace(value.Text), effect) {
				return replace(f.Position, effect)
			}
		}
	case iam.CodeInvalidVersion:
		return replace(f.Position, iam.Version2012)
	case iam.CodeDataType:
		if f.Path == "Version" {
			return replace(f.Position, iam.Version2012)
		}
	case iam.CodeUnsupportedPrincipal, iam.CodeTrustHasResource:
		return remove(f.Position)
	case iam.CodeUnknownElement:
		names := statementElements
		if !strings.Contains(f.Path, ".") {
			names = policyElements
		}
		return c.renameNearest(member, names)
	case iam.CodeInvalidPrincipalKey:
		return c.renameNearest(member, principalTypes)
	}
	return nil
}

var (
	policyElements    = []string{"Version", "Id", "Statement"}
	statementElements = []string{
		"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
	}
	principalTypes = []string{"AWS", "Service", "Federated", "CanonicalUser"}
)

func (c *checker) renameNearest(member *iam.Member, names []string) edit {
	if member == nil {
		return nil
	}
	if name := c.nearest(member.Name, names); name != "" {
		return rename(member.Position, name)
	}
	return nil
}

// nearest returns the name closest to a misspelt one: at most two edits away,
// fewer for short names. It is empty when no name is close enough.
func (c *checker) nearest(misspelt string, names []string) string {
	best, minDistance := "", 3
	if len(misspelt) > 64 || !c.spend(20*len(names)) {
		return ""
	}
	for _, name := range names {
		if d := distance(strings.ToLower(misspelt), strings.ToLower(name)); d < minDistance && d*3 <= len(name) {
			best, minDistance = name, d
		}
	}
	return best
}

// distance returns the edit distance of two texts: letters changed, added,
// removed, or swapped with their neighbor.
func distance(a, b string) int {
	rows := [][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range a {
		before, last, next := rows[0], rows[1], rows[2]
		next[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, last[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		rows = [][]int{last, next, before}
	}
	return rows[1][len(b)]
}

// sentence returns a message with a capital letter and a period.
func sentence(message string) string {
	if message == "" {
		return message
	}
	message = strings.ToUpper(message[:1]) + message[1:]
	if !slices.Contains([]byte(".?!…"), message[len(message)-1]) {
		message += "."
	}
	return message
}
