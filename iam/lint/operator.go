package lint

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/internal/value"
)

// family is the type of values that an operator compares.
type family string

const (
	stringFamily  family = "String"
	numericFamily family = "Numeric"
	dateFamily    family = "Date"
	boolFamily    family = "Bool"
	binaryFamily  family = "Binary"
	ipFamily      family = "IPAddress"
	arnFamily     family = "ARN"
	nullFamily    family = "Null"
)

// families are the operators' families by the prefix of their names.
var families = []struct {
	begin  string
	family family
}{
	{"String", stringFamily},
	{"Numeric", numericFamily},
	{"Date", dateFamily},
	{"Bool", boolFamily},
	{"Binary", binaryFamily},
	{"IpAddress", ipFamily},
	{"NotIpAddress", ipFamily},
	{"Arn", arnFamily},
	{"Null", nullFamily},
}

// operator is a parsed condition operator.
type operator struct {
	qualifier string // forAllValues, forAnyValue or ""
	base      string // "StringLike"
	ifExists  bool
	family    family
	negated   bool // true when no value matches
	wild      bool // "*" and "?" are wildcards in its values
}

const (
	forAllValues = "ForAllValues"
	forAnyValue  = "ForAnyValue"
)

// operatorNames are all operators, without prefix and suffix.
var operatorNames = []string{
	"StringEquals",
	"StringNotEquals",
	"StringEqualsIgnoreCase",
	"StringNotEqualsIgnoreCase",
	"StringLike",
	"StringNotLike",
	"NumericEquals",
	"NumericNotEquals",
	"NumericLessThan",
	"NumericLessThanEquals",
	"NumericGreaterThan",
	"NumericGreaterThanEquals",
	"DateEquals",
	"DateNotEquals",
	"DateLessThan",
	"DateLessThanEquals",
	"DateGreaterThan",
	"DateGreaterThanEquals",
	"Bool",
	"BinaryEquals",
	"IpAddress",
	"NotIpAddress",
	"ArnEquals",
	"ArnNotEquals",
	"ArnLike",
	"ArnNotLike",
	"Null",
}

// parseOperator parses a name as the engine does. For an unknown operator it
// returns false, and the parts that it could parse.
func parseOperator(name string) (operator, bool) {
	parsed, ok := iam.ParseOperator(name)
	o := operator{base: parsed.Name, ifExists: parsed.IfExists, negated: parsed.Negated}
	switch {
	case parsed.ForAll:
		o.qualifier = forAllValues
	case parsed.ForAny:
		o.qualifier = forAnyValue
	}
	if !ok {
		o.base = strings.TrimSuffix(name[strings.Index(name, ":")+1:], "IfExists")
		return o, false
	}
	for _, f := range families {
		if strings.HasPrefix(o.base, f.begin) {
			o.family = f.family
		}
	}
	o.wild = o.family == arnFamily || strings.HasSuffix(o.base, "Like")
	return o, true
}

// String returns the operator's whole name.
func (o operator) String() string {
	name := o.base
	if o.qualifier != "" {
		name = o.qualifier + ":" + name
	}
	if o.ifExists {
		name += "IfExists"
	}
	return name
}

// hasType reports whether the engine accepts a text as a value of an operator's
// family.
func hasType(f family, text string) bool {
	ok := true
	switch f {
	case numericFamily:
		_, ok = value.ParseDecimal(text)
	case dateFamily:
		_, ok = value.ParseInstant(text)
	case boolFamily, nullFamily:
		_, ok = value.ParseBool(text)
	case binaryFamily:
		_, ok = value.TrimBase64(text)
	case ipFamily:
		_, ok = value.ParseNetwork(text)
	case arnFamily:
		ok = strings.HasPrefix(text, "arn:") || strings.HasPrefix(text, "*")
	default:
	}
	return ok
}
