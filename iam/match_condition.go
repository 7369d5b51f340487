package iam

import (
	"strings"

	"github.com/windlass-io/windlass/iam/internal/value"
)

// condition is a compiled [Condition].
type condition struct {
	family     family
	order      order
	negated    bool
	ifExists   bool
	quantifier quantifier
	plain      bool // no value has a variable or is an ARN
	simple     bool // plain, single-valued and not Null, as most conditions are
	key        string
	hash       uint64
	operands   operands
}

// match evaluates the condition for a request's context.
func (c *condition) match(context *Context) (truth, Cause) {
	var entry *contextEntry
	count := 0
	if i := context.find(c.hash, c.key); i >= 0 {
		entry = &context.entries[i]
		if c.simple && entry.more == nil {
			return truthOf(c.comparePlain(entry.single, context) != c.negated), ValueDiffers
		}
		count = entry.len()
	}
	switch {
	case c.family == nullFamily:
		return c.matchNull(entry, count)
	case count == 0:
		return c.matchAbsent()
	case c.quantifier != single:
		return c.matchSet(entry, count, context)
	case count > 1:
		return c.matchSeveral(entry, count, context)
	}
	return c.matchValue(entry.at(0), context)
}

// matchAbsent decides for a key that is absent or has no value.
func (c *condition) matchAbsent() (truth, Cause) {
	switch c.quantifier {
	case allOf:
		return yes, KeyAbsent
	case anyOneOf:
		return no, KeyAbsent
	case single:
	}
	return truthOf(c.negated || c.ifExists), KeyAbsent
}

// matchNull tests presence. Whether an empty value counts as null is
// ambiguous: AWS says that a key is not null when it "exists and its value is
// not null", and calls an empty string a null data set.
func (c *condition) matchNull(entry *contextEntry, count int) (truth, Cause) {
	wantAbsent, wantPresent := false, false
	for _, absent := range c.operands.flags {
		wantAbsent = wantAbsent || absent
		wantPresent = wantPresent || !absent
	}
	switch {
	case wantAbsent && wantPresent:
		return yes, ValueDiffers
	case entry == nil:
		return truthOf(wantAbsent), KeyAbsent
	case !wantAbsent && !wantPresent:
		return no, KeyPresent
	case count == 0 || count == 1 && entry.at(0) == "":
		return doubt, EmptyValue
	}
	return truthOf(wantPresent), KeyPresent
}

// matchSet evaluates ForAllValues and ForAnyValue. A single empty string is a
// null data set, which is an empty set.
// See docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c *condition) matchSet(entry *contextEntry, count int, context *Context) (truth, Cause) {
	if count == 1 && entry.at(0) == "" {
		return truthOf(c.quantifier == allOf), EmptyValue
	}
	all, anyOne, cause := yes, no, ValueDiffers
	for i := range count {
		t, because := c.matchValue(entry.at(i), context)
		all, anyOne = min(all, t), max(anyOne, t)
		if because == VariableUnresolved {
			cause = because
		}
	}
	if c.quantifier == allOf {
		return all, cause
	}
	return anyOne, cause
}

// matchSeveral evaluates a single-valued operator on several values. AWS
// documents only that a set operator is required.
func (c *condition) matchSeveral(entry *contextEntry, count int, context *Context) (truth, Cause) {
	result := no
	if c.negated {
		result = doubt
	}
	for i := range count {
		t, _ := c.matchValue(entry.at(i), context)
		switch {
		case c.negated && t == no:
			return no, SeveralValues
		case !c.negated && t != no:
			result = doubt
		}
	}
	return result, SeveralValues
}

// matchValue evaluates one value of the request. A policy value whose variable
// has no value equals nothing. AWS's documentation is ambiguous on whether the
// other values next to it still count, and whether a negated operator is then
// true; where it matters the outcome is doubt.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (c *condition) matchValue(text string, context *Context) (truth, Cause) {
	if c.plain {
		return truthOf(c.comparePlain(text, context) != c.negated), ValueDiffers
	}
	matched, unresolved := c.compare(text, context)
	result := truthOf(matched != c.negated)
	if !unresolved {
		return result, ValueDiffers
	}
	if result == yes {
		result = doubt
	}
	return result, VariableUnresolved
}

// compare compares a text with values that may have variables. It reports
// whether one of them matches and whether one has a variable without a value.
func (c *condition) compare(text string, context *Context) (matched, unresolved bool) {
	switch c.family {
	case stringFamily, stringLikeFamily:
		for i := range c.operands.patterns {
			p := &c.operands.patterns[i]
			matched = matched || p.match(text, context)
			unresolved = unresolved || !p.resolves(context)
		}
	case stringFoldFamily:
		for i := range c.operands.patterns {
			p := &c.operands.patterns[i]
			matched = matched || p.matchFold(text, context)
			unresolved = unresolved || !p.resolves(context)
		}
	case arnFamily:
		return c.compareARN(text, context)
	case boolFamily:
		return c.compareBool(text, context)
	case numericFamily, dateFamily, binaryFamily, addressFamily, nullFamily:
	}
	return matched, unresolved
}

// compareARN compares field by field. AWS doesn't document what a lone star
// means for ARN operators, which check each of the six fields.
func (c *condition) compareARN(text string, context *Context) (matched, unresolved bool) {
	for i := range c.operands.arns {
		p := &c.operands.arns[i]
		if p.any {
			unresolved = true
			continue
		}
		matched = matched || p.match(text, context)
		unresolved = unresolved || !p.resolves(context)
	}
	return matched, unresolved
}

func (c *condition) compareBool(text string, context *Context) (matched, unresolved bool) {
	got, ok := value.ParseBool(text)
	for _, want := range c.operands.flags {
		matched = matched || ok && want == got
	}
	for i := range c.operands.patterns {
		p := &c.operands.patterns[i]
		matched = matched || ok && p.matchFold(text, context)
		unresolved = unresolved || !p.resolves(context)
	}
	return matched, unresolved
}

// comparePlain compares a text with values without variables. It parses the
// text once as the family's type; a text that isn't of that type matches no
// value.
func (c *condition) comparePlain(text string, context *Context) bool {
	switch c.family {
	case stringFamily, stringLikeFamily:
		for i := range c.operands.patterns {
			if c.operands.patterns[i].match(text, context) {
				return true
			}
		}
	case stringFoldFamily:
		for i := range c.operands.patterns {
			if c.operands.patterns[i].matchFold(text, context) {
				return true
			}
		}
	case boolFamily:
		got, ok := value.ParseBool(text)
		for _, want := range c.operands.flags {
			if ok && want == got {
				return true
			}
		}
	case numericFamily:
		got, ok := value.ParseDecimal(text)
		for i := range c.operands.numbers {
			if ok && c.order.has(got.Compare(c.operands.numbers[i])) {
				return true
			}
		}
	case dateFamily:
		got, ok := value.ParseInstant(text)
		for i := range c.operands.instants {
			if ok && c.order.has(got.Compare(c.operands.instants[i])) {
				return true
			}
		}
	case addressFamily:
		got, ok := value.ParseAddress(text)
		for i := range c.operands.networks {
			if ok && c.operands.networks[i].Contains(got) {
				return true
			}
		}
	case binaryFamily:
		return contains(c.operands.texts, strings.TrimRight(text, "="))
	case arnFamily, nullFamily:
	}
	return false
}
