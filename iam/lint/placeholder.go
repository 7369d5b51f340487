package lint

import (
	"regexp"
	"strings"
)

var placeholderRules = []rule{
	{resources, (*checker).resourcePlaceholders},
	{everyKind, (*checker).conditionPlaceholders},
	{named, (*checker).principalPlaceholders},
}

var (
	// inBrackets matches a word in brackets, which no AWS name has, such as
	// "<bucket>", "[BUCKET]" or "{{ bucket }}".
	inBrackets = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9 _-]*>|\[[A-Z][A-Z0-9 _-]*\]|\{\{[^{}]*\}\}`)
	// templateWord matches the placeholders that templates write in upper case.
	templateWord = regexp.MustCompile(`^(?:(?:YOUR|MY|THE|EXAMPLE|TARGET|SOURCE)[_-])?` +
		`(?:BUCKET|PREFIX|KEY_?PREFIX|PATH|FOLDER|ACCOUNT|ACCOUNT[_-]?ID|AWS[_-]ACCOUNT[_-]ID|REGION|AWS_REGION|ROLE|USER|` +
		`KEY[_-]ID|ORG[_-]?ID|ORGANIZATION)(?:[_-](?:NAME|ID|HERE|ARN))?$`)
	// standInID matches the placeholders that instructions use for an External ID.
	standInID = regexp.MustCompile(`(?i)^(?:(?:your|my|the|some|unique|example|sample|test|dummy)?[ _.-]*external[ _.-]*id` +
		`(?:[ _.-]*(?:here|value|goes[ _.-]*here))?|external|placeholder|change[_-]?me|replace[_-]?(?:me|this)|` +
		`todo|tbd|fixme|example|x{2,}|\.{2,}|1234|12345|123456|unique[ _-]*id[ _-]*assigned[ _-]*by.*)$`)
	possibleID = printableID{regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`), 1224}
)

// printableID matches External IDs. It checks the length itself, because a bound
// of more than 1,000 can't be part of a pattern.
type printableID struct {
	form *regexp.Regexp
	most int
}

func (p printableID) MatchString(text string) bool {
	return len(text) <= p.most && p.form.MatchString(text)
}

// templateWordIn returns the placeholder among the parts of a text, or "".
func templateWordIn(text string) string {
	if found := inBrackets.FindString(text); found != "" {
		return found
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/:*?.$", r) }) {
		if templateWord.MatchString(part) {
			return part
		}
	}
	return ""
}

func (c *checker) resourcePlaceholders(s *statement) {
	for _, r := range s.resourceElements() {
		a, ok := parseARN(r.Value)
		if !ok {
			continue
		}
		name, key, isBucket := a.bucket()
		if !isBucket {
			name, key = a.account+":"+a.region+":"+a.resource, ""
		}
		if !bucketText.MatchString(starred(name)) && isBucket {
			continue // invalid-arn reports it
		}
		if word := templateWordIn(name); word != "" {
			c.report("placeholder-left", r.place, nil, "%q is a placeholder. Replace it with your own value.", word)
		} else if word := templateWordIn(key); word != "" {
			c.reportAs("placeholder-left", Warning, r.place, nil,
				"%q looks like a placeholder. Replace it with the beginning of your keys.", word)
		}
	}
}

func (c *checker) conditionPlaceholders(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if !on.valid || on.named("sts:ExternalId") {
			continue
		}
		for _, value := range on.entries() {
			if word := templateWordIn(value.Value); word != "" {
				c.reportAs("placeholder-left", Warning, value.place, nil,
					"%q looks like a placeholder. Replace it with your own value.", word)
			}
		}
	}
}

func (c *checker) principalPlaceholders(s *statement) {
	for _, p := range s.everyPrincipal() {
		if word := templateWordIn(p.Value); word != "" && principalARN.MatchString(p.Value) {
			c.report("placeholder-left", p.place, nil, "%q is a placeholder. Replace it with your own value.", word)
		}
	}
}

// externalIDValues reports External IDs that STS rejects, and placeholders. It
// returns whether it reported all values.
func (c *checker) externalIDValues(on *condition) bool {
	reported := 0
	for _, value := range on.entries() {
		id := value.Value
		if on.operator.wild && wildcards(plain(id)) || strings.Contains(id, "${") {
			continue
		}
		switch {
		case standInID.MatchString(id) || inBrackets.MatchString(id):
			c.report("placeholder-left", value.place, nil,
				"The External ID %q is a placeholder. Replace it with the ID that the third party generated for you.",
				shorten(id))
		case !possibleID.MatchString(id):
			c.report("condition-value-never-matches", value.place, nil,
				"STS rejects the External ID %q, so it never matches. An External ID has 2 to 1,224 characters: "+
					"letters, digits and _+=,.@:/-.", shorten(id))
		default:
			continue
		}
		reported++
	}
	return reported > 0 && reported == len(on.Values.Values)
}
