package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of parameters.
const (
	maxParameters = 50
	maxEnum       = 100
	maxValueBytes = 4 << 10
)

var parameterForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)

var kinds = map[dataset.Type]engine.SQLKind{
	dataset.String: engine.SQLString, dataset.Integer: engine.SQLInteger, dataset.Number: engine.SQLDouble,
	dataset.Boolean: engine.SQLBoolean, dataset.Date: engine.SQLDate, dataset.DateTime: engine.SQLDateTime,
}

// checkParameters checks the declaration of a view's parameters.
func checkParameters(parameters []dataset.Parameter) error {
	var findings []problem.Finding
	fault := func(i int, format string, args ...any) {
		findings = append(findings, problem.Finding{
			Path: fmt.Sprintf("parameters[%d]", i), Message: fmt.Sprintf(format, args...),
		})
	}
	if len(parameters) > maxParameters {
		fault(maxParameters, "is one too many: a view has at most %d", maxParameters)
	}
	seen := map[string]bool{}
	for i := range parameters {
		p := &parameters[i]
		folded := strings.ToLower(p.Name)
		switch {
		case !parameterForm.MatchString(p.Name):
			fault(i, "has the name %q, which isn't a letter and then letters, digits and underscores", p.Name)
		case seen[folded]:
			fault(i, "has the name of another parameter, %q", p.Name)
		case kinds[p.Type] == "":
			fault(i, "has the type %q; use string, integer, number, boolean, date or date-time", p.Type)
		case p.Required && given(p.Default):
			fault(i, "is required but has a default; remove one of them")
		case len(p.Description) > dataset.MaxText:
			fault(i, "has a description longer than 1,000 bytes")
		case len(p.Enum) > maxEnum:
			fault(i, "has more than %d values in enum", maxEnum)
		default:
			if err := checkValues(p); err != nil {
				fault(i, "%v", err)
			}
		}
		seen[folded] = true
	}
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The parameters aren't valid: %s %s.", findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}

// checkValues checks the values that a declaration has.
func checkValues(p *dataset.Parameter) error {
	bounded := p.Type != dataset.String && p.Type != dataset.Boolean
	for _, bound := range []json.RawMessage{p.Min, p.Max} {
		if given(bound) && !bounded {
			return fmt.Errorf("has a bound, which type %s doesn't support", p.Type)
		}
		if _, err := declaredValue(p, bound); err != nil {
			return err
		}
	}
	for _, value := range p.Enum {
		if v, err := declaredValue(p, value); err != nil || v == nil {
			return fmt.Errorf("has %s in enum, which isn't of type %s", value, p.Type)
		}
	}
	value, err := declaredValue(p, p.Default)
	if err != nil || value == nil {
		return err
	}
	return inBounds(p, value)
}

func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// value is a parsed value of a parameter.
type value struct {
	text  string // canonical
	order float64
	exact int64 // of integers and times
}

// declaredValue parses a value of a declaration, or returns nil if there is none.
func declaredValue(p *dataset.Parameter, raw json.RawMessage) (*value, error) {
	if !given(raw) {
		return nil, nil //nolint:nilnil // none
	}
	wrong := fmt.Errorf("has the value %.60s, which isn't of type %s", raw, p.Type)
	text := string(raw)
	switch p.Type {
	case dataset.String, dataset.Date, dataset.DateTime:
		if json.Unmarshal(raw, &text) != nil {
			return nil, wrong
		}
	default:
		if bytes.HasPrefix(raw, []byte(`"`)) {
			return nil, wrong
		}
	}
	v, ok := parseValue(p.Type, text)
	if !ok {
		return nil, wrong
	}
	return v, nil
}

// parseValue parses the text of a value, with the syntax of literals in conditions.
func parseValue(kind dataset.Type, text string) (*value, bool) {
	if len(text) > maxValueBytes {
		return nil, false
	}
	switch kind {
	case dataset.String:
		return &value{text: text}, utf8.ValidString(text) && !strings.ContainsRune(text, 0)
	case dataset.Boolean:
		return &value{text: text}, text == "true" || text == "false"
	case dataset.Date:
		day, ok := criteria.ParseDay(text)
		return &value{text: day.Format(time.DateOnly), exact: day.Unix()}, ok
	case dataset.DateTime:
		at, ok := criteria.ParseMoment(text)
		if !ok {
			at, ok = criteria.ParseDay(text)
		}
		at = at.UTC()
		return &value{text: at.Format(time.RFC3339Nano), exact: at.UnixMicro()}, ok
	case dataset.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return &value{text: strconv.FormatInt(n, 10), exact: n}, err == nil && isNumeral(text)
	default:
		x, err := strconv.ParseFloat(text, 64)
		return &value{text: strconv.FormatFloat(x, 'g', -1, 64), order: x}, err == nil && isNumeral(text)
	}
}

// isNumeral reports whether a text is a number of JSON.
func isNumeral(text string) bool {
	_, ok := dataset.ScanNumeral([]byte(text))
	return ok
}

func (v *value) compare(other *value) int {
	switch {
	case v.exact != other.exact:
		if v.exact < other.exact {
			return -1
		}
		return 1
	case v.order < other.order:
		return -1
	case v.order > other.order:
		return 1
	default:
		return 0
	}
}

// inBounds checks a value against min, max and enum.
func inBounds(p *dataset.Parameter, v *value) error {
	if least, _ := declaredValue(p, p.Min); least != nil && v.compare(least) < 0 {
		return fmt.Errorf("has the value %s, which is less than %s", v.text, least.text)
	}
	if most, _ := declaredValue(p, p.Max); most != nil && v.compare(most) > 0 {
		return fmt.Errorf("has the value %s, which is more than %s", v.text, most.text)
	}
	if len(p.Enum) == 0 {
		return nil
	}
	var texts []string
	for _, raw := range p.Enum {
		known, _ := declaredValue(p, raw)
		if known != nil && known.text == v.text {
			return nil
		}
		if known != nil {
			texts = append(texts, known.text)
		}
	}
	return fmt.Errorf("has the value %.60s; it must be %s", v.text, strings.Join(texts, ", "))
}

// Bind returns the values of a view's parameters in a read. asked has the requested values by name,
// ignoring case. If one is missing or isn't allowed, the error is a problem with code invalid.
func Bind(view *dataset.Dataset, asked map[string]string) (map[string]engine.SQLParameter, error) {
	bound := map[string]engine.SQLParameter{}
	for i := range view.View.Parameters {
		p := &view.View.Parameters[i]
		text, ok := "", false
		for name, t := range asked {
			if strings.EqualFold(name, p.Name) {
				if ok {
					return nil, invalidParameter(p.Name, "The parameter p.%s is given more than once.", p.Name)
				}
				text, ok = t, true
			}
		}
		if !ok && p.Required {
			return nil, invalidParameter(p.Name, "The parameter p.%s is required.", p.Name)
		}
		var v *value
		if ok {
			var parses bool
			if v, parses = parseValue(p.Type, text); !parses {
				return nil, invalidParameter(
					p.Name,
					"The parameter p.%s is %.60q, which isn't of type %s.",
					p.Name,
					text,
					p.Type,
				)
			}
			if err := inBounds(p, v); err != nil {
				return nil, invalidParameter(p.Name, "The parameter p.%s %v.", p.Name, err)
			}
		} else {
			v, _ = declaredValue(p, p.Default) // was checked when the view was saved
		}
		bound[p.Name] = parameterOf(p, v)
	}
	for name := range asked {
		if !slices.ContainsFunc(view.View.Parameters, func(p dataset.Parameter) bool {
			return strings.EqualFold(p.Name, name)
		}) {
			return nil, unknownParameter(view, name)
		}
	}
	return bound, nil
}

func parameterOf(p *dataset.Parameter, v *value) engine.SQLParameter {
	if v == nil {
		return engine.SQLParameter{Kind: engine.SQLNull, Text: string(kinds[p.Type])}
	}
	return engine.SQLParameter{Kind: kinds[p.Type], Text: v.text}
}

func invalidParameter(name, format string, args ...any) error {
	return problem.New(problem.Invalid, format, args...).WithReason(engine.SQLInvalidValue).
		WithPlace(problem.Place{Parameter: "p." + name}).
		WithHint("GET …/views/{view} describes the parameters.")
}

func unknownParameter(view *dataset.Dataset, name string) error {
	e := problem.New(problem.Invalid, "The view %s has no parameter %.60q.", view.Name, name).
		WithReason("unknown_parameter").WithPlace(problem.Place{Parameter: "p." + name})
	if len(view.View.Parameters) == 0 {
		return e.WithHint("It takes none.")
	}
	names := make([]string, len(view.View.Parameters))
	for i, p := range view.View.Parameters {
		names[i] = "p." + p.Name
	}
	return e.WithHint("It takes %s.", strings.Join(names, ", "))
}
