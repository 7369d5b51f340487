package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var operatorRules = []rule{
	{everyKind, (*checker).operatorForms},
	{everyKind, (*checker).operatorTypes},
	{everyKind, (*checker).wildcardsTakenLiterally},
	{everyKind, (*checker).numericLimits},
	{everyKind, (*checker).setOperators},
	{of(iam.Identity, iam.Resource, iam.Trust), (*checker).optionalConditions},
	{everyKind, (*checker).denyWithoutMFA},
}

func (c *checker) operatorForms(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		at := place{on.Operator.Position, s.place.path + ".Condition." + shorten(on.Operator.Value)}
		if i > 0 && s.conditions[i-1].Operator.Position == on.Operator.Position {
			continue // one finding per operator, even if it has several keys
		}
		switch o := on.operator; {
		case !on.valid:
			fixed := o
			fixed.base = c.nearest(o.base, operatorNames)
			var fix edit
			if fixed.base != "" {
				fix = rename(on.Operator.Position, fixed.String())
			}
			c.report("unknown-operator", at, fix, "Unknown condition operator %q.%s", shorten(on.Operator.Value),
				didYouMean(fixed.base))
		case o.family == nullFamily && o.ifExists:
			o.ifExists = false
			c.report("null-with-ifexists", at, rename(on.Operator.Position, o.String()),
				"Null tests whether a key exists, so it can't have IfExists.")
		case o.family == nullFamily && o.qualifier != "":
			o.qualifier = ""
			c.report("null-with-qualifier", at, rename(on.Operator.Position, o.String()),
				"%s has the same result for every request. Use Null alone.", on.operator)
		}
	}
}

// operatorTypes checks that the key and the values have the operator's type.
func (c *checker) operatorTypes(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid {
			continue
		}
		if on.known && !fits(on.operator.family, on.key) {
			c.report("type-mismatch", on.place, nil, "%s has the type %s, but %s compares the type %s.", on.Key.Value,
				typeName(on.key.Type), on.operator, typeName(reference.Type(on.operator.family)))
			continue
		}
		for _, value := range on.entries() {
			if len(variables(value.Value)) == 0 && !hasType(on.operator.family, value.Value) {
				c.report("type-mismatch", value.place, nil, "%q is not a valid value for %s. Use %s.",
					shorten(value.Value), on.operator, example(on.operator.family))
			}
		}
	}
}

// fits reports whether an operator's family can compare a key. Keys of identity
// providers are text, and dates can be numbers too.
func fits(f family, key reference.Key) bool {
	prefix, _, _ := strings.Cut(key.Name, ":")
	switch {
	case f == nullFamily || f == binaryFamily || reference.IsProvider(prefix):
		return true
	case f == stringFamily:
		return key.Type == reference.String || key.Type == reference.ARN
	case f == numericFamily && key.Type == reference.Date:
		return true
	case f == arnFamily && key.Type == reference.String:
		return slices.Contains([]string{"aws:userid", "aws:PrincipalTag/*", "aws:ResourceTag/*", "aws:RequestTag/*"},
			key.Name)
	}
	return string(key.Type) == string(f)
}

func typeName(t reference.Type) string {
	switch t {
	case reference.ARN:
		return "Arn"
	case reference.IPAddress:
		return "IpAddress"
	default:
		return string(t)
	}
}

func example(f family) string {
	switch f {
	case numericFamily:
		return "a number"
	case dateFamily:
		return "a date, as in 2026-01-31T12:00:00Z"
	case boolFamily, nullFamily:
		return "true or false"
	case binaryFamily:
		return "text in base64"
	case ipFamily:
		return "an address or a range, as in 203.0.113.0/24"
	case arnFamily:
		return "an ARN, optionally with wildcards"
	default:
		return "text"
	}
}

// wildcardsTakenLiterally reports "*" and "?" under operators without
// wildcards.
func (c *checker) wildcardsTakenLiterally(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || on.operator.family != stringFamily || on.operator.wild {
			continue
		}
		for _, value := range on.entries() {
			if wildcards(plain(value.Value)) {
				c.report("wildcard-without-like", value.place, useLike(on),
					"With %s, the wildcard in %q is an ordinary character. If you want a wildcard, use %s.",
					on.operator, shorten(value.Value), like(on.operator))
				break
			}
		}
	}
}

func like(o operator) operator {
	o.base = "StringLike"
	if o.negated {
		o.base = "StringNotLike"
	}
	return o
}

// useLike changes the operator to the one with wildcards, unless another
// condition of the statement uses it already.
func useLike(on *condition) edit {
	return func(d *draft) bool {
		m := d.member(d.root, on.Operator.Position)
		if m == nil || strings.Contains(on.operator.base, "IgnoreCase") {
			return false
		}
		name := like(on.operator).String()
		if parent := parentOf(d.root, on.Operator.Position); parent == nil || parent.Member(name) != nil {
			return false
		}
		m.Name = name
		return true
	}
}

// parentOf returns the object with the member whose name is at a position.
func parentOf(n *iam.Node, at iam.Position) *iam.Node {
	for i := range n.Members {
		if n.Members[i].Position == at {
			return n
		}
		if found := parentOf(&n.Members[i].Value, at); found != nil {
			return found
		}
	}
	for i := range n.Elements {
		if found := parentOf(&n.Elements[i], at); found != nil {
			return found
		}
	}
	return nil
}

// numericLimits reports several numeric limits, of which only the widest
// counts.
func (c *checker) numericLimits(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		less, greater := strings.HasPrefix(on.operator.base, "NumericLess"), strings.HasPrefix(on.operator.base,
			"NumericGreater")
		values := on.entries()
		if !on.valid || len(values) < 2 || !less && !greater {
			continue
		}
		widest := slices.MaxFunc(values, func(a, b entry) int {
			x, errX := strconv.ParseFloat(a.Value, 64)
			y, errY := strconv.ParseFloat(b.Value, 64)
			if errX != nil || errY != nil {
				return 0
			}
			if (x < y) == less {
				return -1
			}
			return 1
		})
		c.report("redundant-condition-value", on.place, only(on, widest.Value),
			"Of %d limits only the widest, %s, counts.", len(values), widest.Value)
	}
}

// only removes all but one value of a condition.
func only(on *condition, value string) edit {
	return replace(on.Values.Position, value)
}
