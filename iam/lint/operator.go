package lint

import "strings"

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

// operator is a condition operator, taken apart.
type operator struct {
	qualifier string // forAllValues, forAnyValue or ""
	base      string // "StringLike"
	ifExists  bool
	family    family
	negated   bool // holds when no value matches
	wild      bool // "*" and "?" are wildcards in its values
}

const (
	forAllValues = "ForAllValues"
	forAnyValue  = "ForAnyValue"
)

// operators are AWS's, by name. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
var operators = map[string]operator{
	"StringEquals":              {family: stringFamily},
	"StringNotEquals":           {family: stringFamily, negated: true},
	"StringEqualsIgnoreCase":    {family: stringFamily},
	"StringNotEqualsIgnoreCase": {family: stringFamily, negated: true},
	"StringLike":                {family: stringFamily, wild: true},
	"StringNotLike":             {family: stringFamily, wild: true, negated: true},
	"NumericEquals":             {family: numericFamily},
	"NumericNotEquals":          {family: numericFamily, negated: true},
	"NumericLessThan":           {family: numericFamily},
	"NumericLessThanEquals":     {family: numericFamily},
	"NumericGreaterThan":        {family: numericFamily},
	"NumericGreaterThanEquals":  {family: numericFamily},
	"DateEquals":                {family: dateFamily},
	"DateNotEquals":             {family: dateFamily, negated: true},
	"DateLessThan":              {family: dateFamily},
	"DateLessThanEquals":        {family: dateFamily},
	"DateGreaterThan":           {family: dateFamily},
	"DateGreaterThanEquals":     {family: dateFamily},
	"Bool":                      {family: boolFamily},
	"BinaryEquals":              {family: binaryFamily},
	"IpAddress":                 {family: ipFamily},
	"NotIpAddress":              {family: ipFamily, negated: true},
	"ArnEquals":                 {family: arnFamily, wild: true},
	"ArnNotEquals":              {family: arnFamily, wild: true, negated: true},
	"ArnLike":                   {family: arnFamily, wild: true},
	"ArnNotLike":                {family: arnFamily, wild: true, negated: true},
	"Null":                      {family: nullFamily},
}

// parseOperator takes a name apart. An unknown one keeps what can be told of
// it.
func parseOperator(name string) (operator, bool) {
	qualifier, rest := "", name
	for _, q := range []string{forAllValues, forAnyValue} {
		if after, ok := strings.CutPrefix(rest, q+":"); ok {
			qualifier, rest = q, after
		}
	}
	base, ifExists := strings.CutSuffix(rest, "IfExists")
	o, ok := operators[base]
	o.qualifier, o.base, o.ifExists = qualifier, base, ifExists
	return o, ok
}

// String writes the operator's whole name.
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
