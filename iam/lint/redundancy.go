package lint

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

var redundancyRules = []rule{
	{everyKind, (*checker).redundantActions},
	{resources, (*checker).redundantResources},
}

// maxCompared limits how many values are compared with one another.
const maxCompared = 500

func (c *checker) redundantActions(s *statement) {
	c.redundant("redundant-action", "action", s.actions, strings.ToLower)
	c.redundant("redundant-action", "action", s.notActions, strings.ToLower)
}

func (c *checker) redundantResources(s *statement) {
	asWritten := func(text string) string { return text }
	c.redundant("redundant-resource", "resource", s.resources, asWritten)
	c.redundant("redundant-resource", "resource", s.notResources, asWritten)
}

func (c *checker) redundant(code, what string, values []entry, normal func(string) string) {
	if len(values) > maxCompared {
		return
	}
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = normal(plain(value.Value))
	}
	for i := range values {
		for j := range values {
			if i == j || !covers(texts[j], texts[i]) || texts[i] == texts[j] && i < j {
				continue
			}
			c.report(code, values[i].place, remove(values[i].Position),
				"The %s %q is already covered by %q. Remove it.", what, shorten(values[i].Value),
				shorten(values[j].Value))
			break
		}
	}
}

// redundantStatements reports statements that differ at most in their Sid.
func (c *checker) redundantStatements(statements []statement) {
	seen := map[string]int{}
	for i := range statements {
		text := canonical(statements[i].Statement)
		first, ok := seen[text]
		if !ok {
			seen[text] = i
			continue
		}
		c.report("redundant-statement", statements[i].place, remove(statements[i].Position),
			"This statement is equal to statement %d. Remove it.", first+1)
	}
}

// canonical returns a statement as JSON, without its Sid.
func canonical(s *iam.Statement) string {
	bare := *s
	bare.Sid = iam.Text{}
	text, err := (&iam.Policy{Statements: []iam.Statement{bare}}).MarshalJSON()
	if err != nil {
		return fmt.Sprintf("%p", s) // it can't be encoded, so it equals no other statement
	}
	return string(text)
}
