package lint

import (
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/reference"
)

var variableRules = []rule{
	{everyKind, (*checker).variablesElsewhere},
	{everyKind, (*checker).variablesInResources},
	{everyKind, (*checker).variablesInConditions},
}

// variable is one "${…}" of a text.
type variable struct {
	text   string // as it is written, with the braces
	name   string // the key; empty for the escapes ${*}, ${?} and ${$}
	escape bool
	fault  string // the finding code of its syntax error; empty: none
	at     int    // offset in the text
	fixed  string // the text with the variable corrected; empty: no correction
}

// variables returns every variable of a text.
func variables(text string) []variable {
	var out []variable
	for at := 0; ; {
		begin := strings.Index(text[at:], "${")
		if begin < 0 {
			return out
		}
		begin += at
		end := strings.IndexByte(text[begin:], '}')
		if end < 0 {
			return append(out, unclosed(text, begin))
		}
		v := readVariable(text[begin : begin+end+1])
		v.at = begin
		if v.fixed != "" {
			v.fixed = text[:begin] + v.fixed + text[begin+end+1:]
		}
		out = append(out, v)
		at = begin + end + 1
	}
}

// unclosed returns a variable without its brace. The correction adds the brace
// where the name ends.
func unclosed(text string, begin int) variable {
	v := variable{text: text[begin:], at: begin, fault: "variable-missing-brace"}
	name := strings.IndexFunc(text[begin+2:], func(r rune) bool {
		return r != ':' && r != '-' && r != '_' && r != '.' && !strings.ContainsRune(alphanumeric, r)
	})
	if name < 0 {
		name = len(text) - begin - 2
	}
	if _, ok := reference.FindKey(text[begin+2 : begin+2+name]); ok {
		v.fixed = text[:begin+2+name] + "}" + text[begin+2+name:]
	}
	return v
}

func readVariable(text string) variable {
	v := variable{text: text}
	name, standard, hasDefault := strings.Cut(text[2:len(text)-1], ",")
	v.name = strings.TrimSpace(name)
	switch standard = strings.TrimSpace(standard); {
	case !hasDefault && (name == "*" || name == "?" || name == "$"):
		v.name, v.escape = "", true
	case v.name == "":
		v.fault = "variable-empty"
	case strings.ContainsAny(name, " \t"):
		v.fault = "variable-space"
		v.fixed = "${" + strings.Join(strings.Fields(name), "")
		if hasDefault {
			v.fixed += ", " + standard
		}
		v.fixed += "}"
	case hasDefault && (len(standard) < 2 || standard[0] != '\'' || standard[len(standard)-1] != '\''):
		v.fault = "variable-missing-quote"
		v.fixed = "${" + v.name + ", '" + strings.Trim(standard, `'"`) + "'}"
	}
	return v
}

// variablesElsewhere reports variables where AWS doesn't support them.
func (c *checker) variablesElsewhere(s *statement) {
	values := s.actionElements()
	values = append(values, entry{Text: s.Sid, place: place{s.Sid.Position, s.place.path + ".Sid"}})
	for i, p := range []*iam.PrincipalElement{s.Principal, s.NotPrincipal} {
		for _, e := range principals(p, s.place.path+[]string{".Principal", ".NotPrincipal"}[i]) {
			values = append(values, e.entry)
		}
	}
	for i := range s.conditions {
		key := &s.conditions[i]
		values = append(values, entry{Text: key.Key, place: key.place})
	}
	for _, value := range values {
		if found := variables(value.Value); len(found) > 0 {
			c.report("variable-unsupported-in-element", value.place, nil,
				"%q is plain text here. Policy variables only work in Resource and in condition values.",
				shorten(found[0].text))
		}
	}
}

func (c *checker) variablesInResources(s *statement) {
	for _, r := range s.resourceElements() {
		for _, v := range c.variablesOf(r) {
			if colons(r.Value[:v.at]) < 5 {
				c.report("variable-before-fifth-colon", r.place, nil,
					"The variable %q is before the fifth colon. Variables only work in the resource part of an ARN.",
					shorten(v.text))
			}
		}
	}
}

// colons counts the colons that are not inside a variable.
func colons(text string) int { return len(splitFields(text)) - 1 }

func (c *checker) variablesInConditions(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		for _, value := range on.entries() {
			found := c.variablesOf(value)
			if len(found) > 0 && on.valid && on.operator.family != stringFamily && on.operator.family != arnFamily {
				c.report("variable-in-operator", value.place, nil,
					"The variable %q doesn't work with %s. Variables only work with String and Arn operators.",
					shorten(found[0].text), on.operator)
			}
		}
	}
}

// variablesOf reports malformed variables in a value and returns the valid
// ones.
func (c *checker) variablesOf(value entry) []variable {
	found := variables(value.Value)
	if len(found) == 0 {
		return nil
	}
	if c.policy.Version.Value != iam.Version2012 &&
		(c.policy.Version.Value == "" || c.policy.Version.Value == iam.Version2008) {
		fix := replace(c.policy.Version.Position, iam.Version2012)
		if c.root.Member("Version") == nil {
			fix = add(c.root.Position, "Version", text(iam.Version2012), "Id", "Statement")
		}
		c.report("variable-unsupported-in-version", value.place, fix,
			"The variable %q is plain text in this policy's version. Use \"Version\": \"2012-10-17\".",
			shorten(found[0].text))
		return nil
	}
	var good []variable
	for _, v := range found {
		if v.fault != "" {
			c.variableFault(value, v)
			continue
		}
		good = append(good, v)
		if !v.escape {
			c.variableName(value, v)
		}
	}
	return good
}

func (c *checker) variableFault(value entry, v variable) {
	var fix edit
	if v.fixed != "" {
		fix = replace(value.Position, v.fixed)
	}
	switch v.fault {
	case "variable-missing-brace":
		c.report(v.fault, value.place, fix, "The variable %q has no closing brace.", shorten(v.text))
	case "variable-empty":
		c.report(v.fault, value.place, nil,
			"The variable %q has no name. Write the condition key whose value it stands for.", shorten(v.text))
	case "variable-space":
		c.report(v.fault, value.place, fix,
			"The name of the variable %q has a space. Only a default value can have spaces.", shorten(v.text))
	case "variable-missing-quote":
		c.report(v.fault, value.place, fix,
			"The default value of %q must be in single quotes, as in ${aws:username, 'nobody'}.", shorten(v.text))
	}
}

// roleless are condition keys that role sessions never have.
var roleless = []string{"aws:username"}

func (c *checker) variableName(value entry, v variable) {
	if _, ok := reference.FindKey(v.name); !ok {
		c.report("unknown-condition-key", value.place, nil, "The variable %q names an unknown condition key.",
			shorten(v.text))
		return
	}
	for _, name := range roleless {
		if !strings.EqualFold(v.name, name) || c.kind != iam.Identity {
			continue
		}
		fixed := strings.ReplaceAll(value.Value, v.text, "${aws:PrincipalTag/username}")
		switch c.options.PrincipalKind {
		case "role":
			c.report("variable-never-present", value.place, nil,
				"Role sessions have no %s, so this never matches. Use ${aws:userid}, or a session tag, as in %q.",
				v.name, shorten(fixed))
		case "":
			c.reportAs(
				"variable-never-present",
				Suggestion,
				value.place,
				nil,
				"Only IAM users have an %s, so in a role's policy this never matches. For a role, use a session "+
					"tag, as in %q.",
				v.name,
				shorten(fixed),
			)
		}
	}
}
