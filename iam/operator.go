package iam

import (
	"net/netip"
	"strings"

	"github.com/windlass-io/windlass/iam/internal/value"
)

// family is a kind of comparison. The operators of a family differ in being
// negated or in the direction of the comparison.
type family uint8

const (
	stringFamily     family = iota // exact text, with variables
	stringFoldFamily               // the same but for case
	stringLikeFamily               // text with wildcards and variables
	numericFamily
	dateFamily
	boolFamily
	binaryFamily
	addressFamily
	arnFamily
	nullFamily
)

// order is the outcomes of a comparison that an operator takes: the request's
// value is less than, equal to, or greater than the policy's.
type order uint8

const (
	less order = 1 << iota
	equal
	greater
)

// has says whether a comparison's outcome (-1, 0, 1) is among the wanted.
func (o order) has(outcome int) bool { return o&(1<<(outcome+1)) != 0 }

// operator is one condition operator without prefix and suffix.
type operator struct {
	name    string
	family  family
	negated bool
	order   order // numericFamily and dateFamily
}

// operators are all that AWS defines.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func operators() []operator {
	return []operator{
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
}

// quantifier says how an operator deals with a set of values.
type quantifier uint8

const (
	single   quantifier = iota // the key has one value
	allOf                      // ForAllValues: every value of the request's must match
	anyOneOf                   // ForAnyValue: one of the request's must match
)

// Operator is what an operator's name in a policy means.
type Operator struct {
	Name     string // as AWS spells it, without prefix and suffix, such as "StringLike"
	ForAll   bool   // the prefix ForAllValues:
	ForAny   bool   // the prefix ForAnyValue:
	IfExists bool   // the suffix IfExists
	Negated  bool   // it holds when no value matches
}

// ParseOperator reads a condition operator's name, whatever its case; false
// where there is none of that name.
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
	for _, o := range operators() {
		if equalFold(o.name, name) {
			return o, true
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

// operand is one value of a condition, read by its operator's family.
type operand struct {
	pattern pattern       // the string families; boolFamily with a variable
	arn     arnPattern    // arnFamily
	number  value.Decimal // numericFamily
	instant value.Instant // dateFamily
	network netip.Prefix  // addressFamily
	text    string        // binaryFamily: base64 without padding
	flag    bool          // boolFamily, nullFamily
}

func (f family) compile(text string, with syntax) (operand, *fault) {
	switch f {
	case stringFamily, stringFoldFamily:
		return compileText(text, syntax{variables: with.variables})
	case stringLikeFamily:
		return compileText(text, with)
	case arnFamily:
		p, fault := newARNPattern(text, with, false)
		return operand{arn: p}, fault
	case boolFamily:
		return compileBool(text, with)
	case numericFamily, dateFamily, binaryFamily, addressFamily, nullFamily:
	}
	if with.variables && strings.Contains(text, "${") {
		return operand{}, faultf(CodeVariableInOperator, "the value %q has a variable; variables work with the String, Arn and Bool operators alone", clip(text))
	}
	return f.compilePlain(text)
}

func compileText(text string, with syntax) (operand, *fault) {
	tokens, fault := tokenize(text, with)
	if fault != nil {
		return operand{}, fault
	}
	return operand{pattern: newPattern(tokens)}, nil
}

// compilePlain reads a value in which nothing stands for anything else.
func (f family) compilePlain(text string) (o operand, _ *fault) {
	var ok bool
	var code, want string
	switch f {
	case numericFamily:
		o.number, ok = value.ParseDecimal(text)
		code, want = CodeInvalidNumber, "a number"
	case dateFamily:
		o.instant, ok = value.ParseInstant(text)
		code, want = CodeInvalidDate, "a date such as 2024-05-01T00:00:00Z, or seconds since 1970"
	case binaryFamily:
		o.text, ok = value.TrimBase64(text)
		code, want = CodeInvalidBinary, "base64"
	case addressFamily:
		o.network, ok = value.ParseNetwork(text)
		code, want = CodeInvalidAddress, "an IP address or a range such as 203.0.113.0/24"
	case nullFamily, boolFamily:
		o.flag, ok = value.ParseBool(text)
		code, want = CodeInvalidBool, "\"true\" or \"false\""
	case stringFamily, stringFoldFamily, stringLikeFamily, arnFamily:
	}
	if !ok {
		return operand{}, faultf(code, "the value %q is not %s", clip(text), want)
	}
	return o, nil
}

func compileBool(text string, with syntax) (operand, *fault) {
	o, fault := compileText(text, syntax{variables: with.variables})
	if fault != nil || len(o.pattern.variables) > 0 {
		return o, fault
	}
	return boolFamily.compilePlain(text)
}
