package explain

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// fill notes the element that failed, with what it wants and what there is.
func (w *witness) fill(s *Statement, source *iam.Statement, match iam.Match) {
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

// cause tells a key that is absent from one that never comes with the action.
func (w *witness) cause(cause iam.Cause, key string) Cause {
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

// says puts a statement's outcome into a sentence.
func says(s *Statement, source *iam.Statement) string {
	switch s.Failed {
	case Action:
		return sayAction(s, source.Action == nil)
	case Principal:
		return sayPrincipal(s, source.Principal == nil)
	case Resource:
		return sayResource(s, source.Resource == nil)
	case Condition:
		return sayCondition(s)
	}
	verb := "allows"
	if s.Effect == "Deny" {
		verb = "denies"
	}
	if s.Open {
		return fmt.Sprintf("It %s the request. AWS leaves open whether it applies; it is taken to.", verb)
	}
	return fmt.Sprintf("It %s the request.", verb)
}

func sayAction(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It is about all actions except %s, and %s is one of those.", list(s.Wanted, "none"), s.Actual[0])
	}
	return fmt.Sprintf("It is about %s, not about %s.", list(s.Wanted, "no action"), s.Actual[0])
}

func sayPrincipal(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It is for everyone except %s, and the caller is %s.", list(s.Wanted, "nobody"), s.Actual[0])
	}
	return fmt.Sprintf("It is for %s, and the caller is %s.", list(s.Wanted, "nobody"), s.Actual[0])
}

func sayResource(s *Statement, negated bool) string {
	if negated {
		return fmt.Sprintf("It is about all resources except %s, and %s is one of those.", list(s.Wanted, "none"), s.Actual[0])
	}
	say := fmt.Sprintf("It is about %s, not about %s.", list(s.Wanted, "no resource"), s.Actual[0])
	if hint := resourceHint(s); hint != "" {
		say += " " + hint
	}
	return say
}

// resourceHint names the slips that are made most often with S3.
func resourceHint(s *Statement) string {
	actual := s.Actual[0]
	for _, wanted := range s.Wanted {
		switch {
		case strings.Contains(wanted, "${"):
			return "A variable in it has no value, or another one, in this request."
		case strings.HasPrefix(actual, wanted+"/"):
			return "That ARN is the bucket's; an object's has a slash and the key after it."
		case strings.HasPrefix(wanted, actual+"/"):
			return "Those are objects; this action is on the bucket itself."
		case differInCase(wanted, actual):
			return "They differ in the case of letters, which counts."
		case actual == "*":
			return "This action is on no one resource; it needs the Resource \"*\"."
		}
	}
	return ""
}

// differInCase reports whether an ARN would be meant but for the case of letters.
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

func sayCondition(s *Statement) string {
	wants := fmt.Sprintf("%s wants %s", s.Operator, wanted(s))
	switch s.Cause {
	case KeyNeverPresent:
		return fmt.Sprintf("This action never carries %s, so %s can never hold for it.", s.Key, s.Operator)
	case KeyAbsent:
		return fmt.Sprintf("The request does not carry %s; %s.", s.Key, wants)
	case KeyPresent:
		return fmt.Sprintf("The request carries %s; %s.", s.Key, wants)
	case VariableUnresolved:
		return fmt.Sprintf("A variable in %s has no value in this request, so %s on %s does not hold.", list(s.Wanted, ""), s.Operator, s.Key)
	case SeveralValues:
		return fmt.Sprintf("%s has %d values (%s) and %s is for one; put ForAllValues: or ForAnyValue: before it.", s.Key, len(s.Actual), quoted(s.Actual), s.Operator)
	case EmptyValue:
		return fmt.Sprintf("%s is empty, which %s takes for no value.", s.Key, s.Operator)
	case ValueDiffers:
	}
	return fmt.Sprintf("%s is %s; %s.", s.Key, quoted(s.Actual), wants)
}

// wanted puts the values of a condition into words.
func wanted(s *Statement) string {
	o, _ := iam.ParseOperator(s.Operator)
	switch {
	case o.Name == "Null" && len(s.Wanted) == 1 && strings.EqualFold(s.Wanted[0], "true"):
		return "it absent"
	case o.Name == "Null" && len(s.Wanted) == 1:
		return "it present"
	case len(s.Wanted) == 0:
		return "one of no values"
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

// shown bounds how much of a list a sentence quotes.
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
