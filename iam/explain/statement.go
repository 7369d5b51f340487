package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// fill sets the element that failed, with its expected and actual values.
func (w *recorder) fill(s *Statement, source *iam.Statement, match iam.Match) {
	switch match.Failed {
	case iam.NoElement:
	case iam.ActionElement:
		s.Failed, s.Actual = Action, []string{w.request.Action}
		s.Wanted = either(source.Action, source.NotAction)
	case iam.PrincipalPart:
		s.Failed, s.Actual = Principal, []string{Name(&w.request.Principal)}
		s.Wanted = principals(source)
	case iam.ResourceElement:
		s.Failed, s.Actual = Resource, []string{w.request.Resource}
		s.Wanted = either(source.Resource, source.NotResource)
	case iam.ConditionElement:
		c := &source.Conditions[match.Condition]
		s.Failed, s.Operator, s.Key = Condition, c.Operator.Value, c.Key.Value
		s.Wanted, s.Actual = texts(&c.Values), w.request.Context.Values(c.Key.Value)
		s.Cause = w.cause(match.Cause, c.Key.Value)
	}
}

// cause distinguishes a missing key from one that the action never carries.
func (w *recorder) cause(cause iam.Cause, key string) Cause {
	switch cause {
	case iam.KeyAbsent:
		if w.options.Carries != nil {
			if known, carries := w.options.Carries(w.request.Action, key); known && !carries {
				return KeyNeverPresent
			}
		}
		return KeyAbsent
	case iam.KeyPresent:
		return KeyPresent
	case iam.VariableUnresolved:
		return VariableUnresolved
	case iam.SeveralValues:
		return SeveralValues
	case iam.EmptyValue:
		return EmptyValue
	case iam.NoCause, iam.ValueDiffers:
	}
	return ValueDiffers
}

func either(list, not *iam.List) []string {
	if list != nil {
		return texts(list)
	}
	return texts(not)
}

func texts(list *iam.List) []string {
	if list == nil {
		return nil
	}
	values := make([]string, len(list.Values))
	for i, v := range list.Values {
		values[i] = v.Value
	}
	return values
}

func principals(source *iam.Statement) []string {
	p := source.Principal
	if p == nil {
		p = source.NotPrincipal
	}
	if p.Any {
		return []string{"*"}
	}
	var names []string
	for i := range p.Entries {
		names = append(names, texts(&p.Entries[i].Values)...)
	}
	return names
}

// sentence returns a statement's outcome as a sentence.
func sentence(s *Statement, source *iam.Statement) string {
	switch s.Failed {
	case Action:
		return actionSentence(s, source.Action == nil)
	case Principal:
		return principalSentence(s, source.Principal == nil)
	case Resource:
		return resourceSentence(s, source.Resource == nil)
	case Condition:
		return conditionSentence(s)
	}
	verb := "allows"
	if s.Effect == "Deny" {
		verb = "denies"
	}
	if s.Open {
		return fmt.Sprintf("It %s the request. AWS doesn't document whether it applies; Windlass assumes it does.",
			verb)
	}
	return fmt.Sprintf("It %s the request.", verb)
}

func actionSentence(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It applies to all actions except %s, and the action is %s.", list(s.Wanted, "none"),
			s.Actual[0])
	}
	return fmt.Sprintf("It applies to %s, but the action is %s.", list(s.Wanted, "no action"), s.Actual[0])
}

func principalSentence(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It applies to everyone except %s, and the caller is %s.", list(s.Wanted, "nobody"),
			s.Actual[0])
	}
	return fmt.Sprintf("It applies to %s, but the caller is %s.", list(s.Wanted, "nobody"), s.Actual[0])
}

func resourceSentence(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It applies to all resources except %s, and the resource is %s.", list(s.Wanted, "none"),
			s.Actual[0])
	}
	text := fmt.Sprintf("It applies to %s, but the resource is %s.", list(s.Wanted, "no resource"), s.Actual[0])
	if hint := resourceHint(s); hint != "" {
		text += " " + hint
	}
	return text
}

// resourceHint explains the most common mistakes with S3 resources.
func resourceHint(s *Statement) string {
	actual := s.Actual[0]
	for _, wanted := range s.Wanted {
		switch {
		case strings.Contains(wanted, "${"):
			return "A variable in it has no value in this request, or a different one."
		case strings.HasPrefix(actual, wanted+"/"):
			return "That is the bucket's ARN. The ARN of an object continues with a slash and the key."
		case strings.HasPrefix(wanted, actual+"/"):
			return "Those are objects, but this action is on the bucket itself."
		case differInCase(wanted, actual):
			return "They differ in case, and resources are case-sensitive."
		case actual == "*":
			return "This action isn't on a specific resource. It needs the Resource \"*\"."
		}
	}
	return ""
}

// differInCase reports whether an ARN only fails to match because of case.
func differInCase(wanted, actual string) bool {
	plain := wanted
	if i := strings.IndexAny(wanted, "*?"); i >= 0 {
		plain = wanted[:i]
	}
	if len(plain) > len(actual) || plain == wanted && len(plain) != len(actual) {
		return false
	}
	start := actual[:len(plain)]
	return plain != "" && plain != start && strings.EqualFold(plain, start)
}

func conditionSentence(s *Statement) string {
	requires := fmt.Sprintf("%s requires %s", s.Operator, wanted(s))
	switch s.Cause {
	case KeyNeverPresent:
		return fmt.Sprintf("This action never carries %s, so %s can never match.", s.Key, s.Operator)
	case KeyAbsent:
		return fmt.Sprintf("The request does not carry %s, and %s.", s.Key, requires)
	case KeyPresent:
		return fmt.Sprintf("The request carries %s, but %s.", s.Key, requires)
	case VariableUnresolved:
		return fmt.Sprintf("A variable in %s has no value in this request, so %s on %s doesn't match.",
			list(s.Wanted, ""), s.Operator, s.Key)
	case SeveralValues:
		return fmt.Sprintf("%s has %d values (%s), but %s compares a single value. Use ForAllValues: or ForAnyValue:.",
			s.Key, len(s.Actual), quoted(s.Actual), s.Operator)
	case EmptyValue:
		return fmt.Sprintf("%s is empty, which %s treats as missing.", s.Key, s.Operator)
	case ValueDiffers:
	}
	return fmt.Sprintf("%s is %s, but %s.", s.Key, quoted(s.Actual), requires)
}

// wanted describes the values that a condition requires.
func wanted(s *Statement) string {
	o, _ := iam.ParseOperator(s.Operator)
	switch {
	case o.Name == "Null" && len(s.Wanted) == 1 && strings.EqualFold(s.Wanted[0], "true"):
		return "it to be absent"
	case o.Name == "Null" && len(s.Wanted) == 1:
		return "it to be present"
	case len(s.Wanted) == 0:
		return "a value from an empty list"
	case o.Negated && len(s.Wanted) == 1:
		return "anything but " + quoted(s.Wanted)
	case o.Negated:
		return "none of " + quoted(s.Wanted)
	case len(s.Wanted) == 1:
		return quoted(s.Wanted)
	default:
		return "one of " + quoted(s.Wanted)
	}
}

// shown limits how many values of a list a sentence quotes.
const shown = 4

func list(values []string, none string) string {
	switch n := len(values); {
	case n == 0:
		return none
	case n > shown:
		return fmt.Sprintf("%s and %d more", strings.Join(values[:shown], ", "), n-shown)
	default:
		return strings.Join(values, ", ")
	}
}

func quoted(values []string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%q", v)
	}
	return list(words, "nothing")
}
