package lint

import (
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// checker checks one document.
type checker struct {
	kind     iam.Kind
	options  Options
	document []byte
	root     *iam.Node // nil if the document can't be parsed
	policy   *iam.Policy
	findings []Finding
	fixes    int    // corrections written so far
	budget   int    // comparisons left; when it is used up, the rest of the document isn't checked
	bucket   string // of a resource policy: the bucket it is attached to, when known
}

// kinds is a set of policy kinds.
type kinds uint8

func of(list ...iam.Kind) kinds {
	var set kinds
	for _, kind := range list {
		set |= 1 << kind
	}
	return set
}

// The policy kinds that rules apply to.
var (
	everyKind = of(iam.Kinds()...)
	granting  = of(iam.Identity, iam.Resource) // kinds that grant access
	resources = of(
		iam.Identity, iam.Session, iam.Boundary, iam.Resource, iam.ServiceControl, iam.ResourceControl, iam.Endpoint,
	) // kinds with Resource elements
	named = of(iam.Resource, iam.Trust) // kinds with Principal elements
)

// rule checks one statement of policies of some kinds.
type rule struct {
	kinds kinds
	check func(*checker, *statement)
}

// statementRules returns all rules for single statements, by family.
func statementRules() []rule {
	var all []rule
	for _, family := range [][]rule{
		elementRules, actionRules, resourceRules, matchRules, variableRules, operatorRules, keyRules, valueRules,
		neverRules, placeholderRules, principalRules, trustRules, oidcRules, grantRules, publicRules, redundancyRules,
		organizationRules,
	} {
		all = append(all, family...)
	}
	return all
}

// Limits of the work on one document. AWS stores at most 20,480 characters. The
// statements of much longer documents aren't checked.
const (
	maxCharacters = 40_000
	maxWork       = 500_000
)

// spend takes comparisons from the budget and reports whether enough were left.
func (c *checker) spend(comparisons int) bool {
	c.budget -= comparisons
	return c.budget >= 0
}

func (c *checker) run() {
	c.budget = maxWork
	root, err := iam.ParseDocument(c.document)
	c.root = root
	var parse *iam.ParseError
	if errors.As(err, &parse) {
		c.syntax(parse.Findings)
	}
	if root == nil {
		return
	}
	policy, faults := iam.FromDocument(c.kind, root)
	c.policy = policy
	c.structure(faults)
	c.wholePolicy()
	if len(c.document)-whiteSpace(c.document) > maxCharacters {
		return
	}
	c.bucket = c.options.BucketName
	if c.bucket == "" {
		c.bucket = c.firstBucket()
	}
	statements := c.statements()
	rules := statementRules()
	for i := range statements {
		for _, rule := range rules {
			if rule.kinds&of(c.kind) != 0 {
				rule.check(c, &statements[i])
			}
		}
	}
	c.acrossStatements(statements)
}

// place is the position of a finding.
type place struct {
	position iam.Position
	path     string
}

// report adds a finding with the default severity of its code.
func (c *checker) report(code string, at place, fix edit, format string, args ...any) {
	c.reportAs(code, catalog[code].Severities[0], at, fix, format, args...)
}

// reportAs adds a finding with a given severity.
func (c *checker) reportAs(code string, severity Severity, at place, fix edit, format string, args ...any) {
	if len(c.findings) >= maxReported {
		return
	}
	c.findings = append(c.findings, Finding{
		Code: code, Severity: severity,
		Line: max(at.position.Line, 1), Column: max(at.position.Column, 1), Path: at.path,
		Message: fmt.Sprintf(format, args...), Fix: c.corrected(fix),
		Reference: catalog[code].Reference, offset: at.position.Offset,
	})
}
