package iam

import (
	"strings"

	"github.com/windlass-io/windlass/iam/internal/value"
)

// family is a kind of comparison. The operators of a family differ in negation
// or in the direction of the comparison.
type family uint8

const (
	stringFamily     family = iota // exact text, with variables
	stringFoldFamily               // the same, ignoring case
	stringLikeFamily               // text with wildcards and variables
	numericFamily
	dateFamily
	boolFamily
	binaryFamily
	addressFamily
	arnFamily
	nullFamily
)

// isText reports whether values are compared as text or patterns.
func (f family) isText() bool {
	return f == stringFamily || f == stringFoldFamily || f == stringLikeFamily
}

// order is the set of comparison outcomes that an operator accepts: the
// request's value is less than, equal to, or greater than the policy's.
type order uint8

const (
	less order = 1 << iota
	equal
	greater
)

// has reports whether the operator accepts an outcome (-1, 0 or 1).
func (o order) has(outcome int) bool { return o&(1<<(outcome+1)) != 0 }

// operator is one condition operator without prefix and suffix.
type operator struct {
	name    string
	family  family
	negated bool
	order   order // for numericFamily and dateFamily
}

// operators lists all operators that AWS defines.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = [...]operator{
	{name: "StringEquals", family: stringFamily},
	{name: "StringNotEquals", family: stringFamily, negated: true},
	{name: "StringEqualsIgnoreCase", family: stringFoldFamily},
	{name: "StringNotEqualsIgnoreCase", family: stringFoldFamily, negated: true},
	{name: "StringLike", family: stringLikeFamily},
	{name: "StringNotLike", family: stringLikeFamily, negated: true},
	{name: "NumericEquals", family: numericFamily, order: equal},
	{name: "NumericNotEquals", family: numericFamily, order: equal, negated: true},
	{name: "NumericLessThan", family: numericFamily, order: less},
	{name: "NumericLessThanEquals", family: numericFamily, order: less | equal},
	{name: "NumericGreaterThan", family: numericFamily, order: greater},
	{name: "NumericGreaterThanEquals", family: numericFamily, order: greater | equal},
	{name: "DateEquals", family: dateFamily, order: equal},
	{name: "DateNotEquals", family: dateFamily, order: equal, negated: true},
	{name: "DateLessThan", family: dateFamily, order: less},
	{name: "DateLessThanEquals", family: dateFamily, order: less | equal},
	{name: "DateGreaterThan", family: dateFamily, order: greater},
	{name: "DateGreaterThanEquals", family: dateFamily, order: greater | equal},
	{name: "Bool", family: boolFamily},
	{name: "BinaryEquals", family: binaryFamily},
	{name: "IpAddress", family: addressFamily},
	{name: "NotIpAddress", family: addressFamily, negated: true},
	{name: "ArnEquals", family: arnFamily},
	{name: "ArnLike", family: arnFamily},
	{name: "ArnNotEquals", family: arnFamily, negated: true},
	{name: "ArnNotLike", family: arnFamily, negated: true},
	{name: "Null", family: nullFamily},
}

// quantifier determines how an operator treats a set of values.
type quantifier uint8

const (
	single   quantifier = iota // the key has one value
	allOf                      // ForAllValues: every value of the request must match
	anyOneOf                   // ForAnyValue: one value of the request must match
)

// Operator is a parsed operator name.
type Operator struct {
	Name     string // as AWS spells it, without prefix and suffix, such as "StringLike"
	ForAll   bool   // the prefix ForAllValues:
	ForAny   bool   // the prefix ForAnyValue:
	IfExists bool   // the suffix IfExists
	Negated  bool   // true when no value matches
}

// ParseOperator parses the name of a condition operator, ignoring case. ok is
// false if there is no such operator.
func ParseOperator(name string) (Operator, bool) {
	var parsed Operator
	if rest, ok := cutFold(name, "ForAllValues:"); ok {
		parsed.ForAll, name = true, rest
	} else if rest, ok := cutFold(name, "ForAnyValue:"); ok {
		parsed.ForAny, name = true, rest
	}
	const suffix = "IfExists"
	if n := len(name) - len(suffix); n > 0 && equalFold(name[n:], suffix) {
		parsed.IfExists, name = true, name[:n]
	}
	o, ok := findOperator(name)
	parsed.Name, parsed.Negated = o.name, o.negated
	return parsed, ok
}

func (o Operator) quantifier() quantifier {
	switch {
	case o.ForAll:
		return allOf
	case o.ForAny:
		return anyOneOf
	default:
		return single
	}
}

func findOperator(name string) (operator, bool) {
	for i := range operators {
		if equalFold(operators[i].name, name) {
			return operators[i], true
		}
	}
	return operator{}, false
}

func cutFold(s, prefix string) (string, bool) {
	if !foldPrefix(s, prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// operands are the values of a condition, parsed for its operator's family.
// Only the family's own list is used, or two lists for a Bool with variables.
type operands struct {
	patterns []pattern       // the string families; boolFamily with a variable
	arns     []arnPattern    // arnFamily
	numbers  []value.Decimal // numericFamily
	instants []value.Instant // dateFamily
	networks []value.Network // addressFamily
	texts    []string        // binaryFamily: base64 without padding
	flags    []bool          // boolFamily, nullFamily
}

// add parses one value of a policy.
func (o *operands) add(f family, text string, with syntax) *fault {
	switch f {
	case stringFamily, stringFoldFamily:
		return o.addPattern(text, syntax{variables: with.variables})
	case stringLikeFamily:
		return o.addPattern(text, with)
	case arnFamily:
		p, fault := newARNPattern(text, with, false)
		o.arns = append(o.arns, p)
		return fault
	case boolFamily:
		if with.variables && strings.Contains(text, "${") {
			return o.addPattern(text, syntax{variables: true})
		}
	case numericFamily, dateFamily, binaryFamily, addressFamily, nullFamily:
		if with.variables && strings.Contains(text, "${") {
			return faultf(CodeVariableInOperator,
				"the value %q has a variable; variables only work with String, Arn and Bool operators", clip(text))
		}
	}
	return o.addPlain(f, text)
}

func (o *operands) addPattern(text string, with syntax) *fault {
	p, fault := compilePattern(text, with)
	o.patterns = append(o.patterns, p)
	return fault
}

// addPlain parses a value without variables.
func (o *operands) addPlain(f family, text string) *fault {
	switch f {
	case numericFamily:
		number, ok := value.ParseDecimal(text)
		o.numbers = append(o.numbers, number)
		return faultUnless(ok, CodeInvalidNumber, text, "a number")
	case dateFamily:
		instant, ok := value.ParseInstant(text)
		o.instants = append(o.instants, instant)
		return faultUnless(ok, CodeInvalidDate, text, "a date such as 2024-05-01T00:00:00Z, or seconds since 1970")
	case binaryFamily:
		trimmed, ok := value.TrimBase64(text)
		o.texts = append(o.texts, trimmed)
		return faultUnless(ok, CodeInvalidBinary, text, "base64")
	case addressFamily:
		network, ok := value.ParseNetwork(text)
		o.networks = append(o.networks, network)
		return faultUnless(ok, CodeInvalidAddress, text, "an IP address or a range such as 203.0.113.0/24")
	case nullFamily, boolFamily:
		flag, ok := value.ParseBool(text)
		o.flags = append(o.flags, flag)
		return faultUnless(ok, CodeInvalidBool, text, "\"true\" or \"false\"")
	case stringFamily, stringFoldFamily, stringLikeFamily, arnFamily:
	}
	return nil
}

// faultUnless returns nil if ok is true, else a fault.
func faultUnless(ok bool, code, text, want string) *fault {
	if ok {
		return nil
	}
	return faultf(code, "the value %q is not %s", clip(text), want)
}
