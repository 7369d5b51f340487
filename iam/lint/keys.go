package lint

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var keyRules = []rule{
	{everyKind, (*checker).keyNames},
	{everyKind, (*checker).keySpellings},
	{everyKind, (*checker).keysNeverPresent},
	{of(iam.Resource), (*checker).irrelevantKeys},
}

func (c *checker) keyNames(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		key := on.Key.Value
		prefix, name, ok := strings.Cut(key, ":")
		switch {
		case on.known || strings.Contains(key, "${"):
		case !ok || prefix == "" || name == "" || strings.ContainsAny(key, " \t*"):
			c.report("invalid-condition-key-format", on.place, nil,
				"The condition key %q is malformed. Use the form service:name, such as s3:prefix.", shorten(key))
		case reference.NeedsName(key):
			c.report("missing-tag-key", on.place, nil, "%s needs a name. Use %s/NAME.", shorten(key),
				strings.TrimSuffix(shorten(key), "/"))
		default:
			right := c.nearest(key, reference.Keys(prefix))
			var fix edit
			if right != "" && !wildcards(right) {
				fix = rename(on.Key.Position, right)
			}
			c.report("unknown-condition-key", on.place, fix, "Unknown condition key %q.%s", shorten(key),
				didYouMean(right))
		}
	}
}

// keySpellings reports keys that an operator has twice, in different case.
func (c *checker) keySpellings(s *statement) {
	for i := range s.conditions {
		for j := range i {
			a, b := &s.conditions[j], &s.conditions[i]
			if a.Operator.Position == b.Operator.Position && a.Key.Value != b.Key.Value &&
				strings.EqualFold(a.Key.Value, b.Key.Value) {
				c.report("duplicate-key-different-case", b.place, nil,
					"%s and %s are the same key, because keys ignore case. Write the key once, with all values.",
					shorten(a.Key.Value), shorten(b.Key.Value))
				break
			}
		}
	}
}

// keysNeverPresent reports conditions on keys that an action's requests never
// have.
func (c *checker) keysNeverPresent(s *statement) {
	if s.Action == nil {
		return
	}
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || !on.known {
			continue
		}
		never := c.actionsWithout(s, on.Key.Value)
		for _, a := range never {
			if _, call := calls[strings.ToLower(a.Value)]; c.kind == iam.Trust && !call {
				continue // trust-non-sts-action reports it
			}
			c.neverPresent(s, on, a, never)
		}
		if len(never) == 0 && c.options.PrincipalKind == "role" && on.named(roleless...) && on.binding() && s.allow {
			c.report("condition-key-never-present", on.place, nil,
				"Role sessions never have %s, so this statement never allows anything for the role it is attached to.",
				on.Key.Value)
		}
	}
}

// actionsWithout returns the actions of a statement whose requests never have a
// key. A pattern is included when that holds for all of its actions.
func (c *checker) actionsWithout(s *statement, key string) []entry {
	var out []entry
	for _, a := range s.actions {
		carried := func(action *reference.Action) bool {
			known, carries := reference.Carries(action.String(), key)
			return !known || carries
		}
		if a.Value != "*" && len(a.covers) > 0 && c.spend(10*len(a.covers)) && !slices.ContainsFunc(a.covers, carried) {
			out = append(out, a)
		}
	}
	return out
}

func (c *checker) neverPresent(s *statement, on *condition, a entry, never []entry) {
	o := on.operator
	requires := on.binding() ||
		o.family == nullFamily && len(on.Values.Values) > 0 && strings.EqualFold(on.Values.Values[0].Value, "false")
	severity, effect := Warning, "so the condition is always true and restricts nothing"
	switch {
	case s.allow && requires:
		severity, effect = Error, "so this statement never allows it"
	case s.deny && requires:
		effect = "so this statement never denies it"
	}
	c.reportAs("condition-key-never-present", severity, a.place,
		later(func() edit { return withoutKey(s, on, severity, never) }),
		"A request for %s never carries %s, %s. Move %s to its own statement without the condition.", a.Value,
		on.Key.Value, effect, a.Value)
}

// withoutKey moves the actions that never carry a key to their own statement.
// It only corrects actions that read a bucket's settings, because for others
// the result could expose data.
func withoutKey(s *statement, on *condition, severity Severity, never []entry) edit {
	if severity != Error || len(never) == len(s.actions) {
		return nil
	}
	var rest, moved []string
	for _, a := range s.actions {
		if slices.ContainsFunc(never, func(n entry) bool { return n.Position == a.Position }) {
			if !readsSettings(a.Value) {
				return nil
			}
			moved = append(moved, a.Value)
			continue
		}
		rest = append(rest, a.Value)
	}
	return split(s, []part{{actions: rest}, {actions: moved, without: on.Key.Value}})
}

func readsSettings(action string) bool {
	a := reference.FindAction(action)
	if a == nil || a.Level != reference.Read && a.Level != reference.List {
		return false
	}
	bucket, object := s3Level(a)
	return bucket && !object
}

// resourceOwnerKeys identify the resource's owner. The resource's own policy
// doesn't need to test them.
var resourceOwnerKeys = []string{
	"s3:ResourceAccount", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
}

func (c *checker) irrelevantKeys(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if on.named(resourceOwnerKeys...) {
			c.report(
				"irrelevant-condition-key",
				on.place,
				nil,
				"%s identifies the owner of the resource, which is fixed in the resource's own policy. Use it in "+
					"identity policies.",
				on.Key.Value,
			)
		}
	}
}
