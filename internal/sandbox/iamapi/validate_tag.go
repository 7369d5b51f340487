package iamapi

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// validateTags checks tags and tag keys. Errors name the position of the tag.
func validateTags(c *call) error {
	action := c.Action
	given := 0
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		hasKey, hasValue := c.Params.Has(prefix+".Key"), c.Params.Has(prefix+".Value")
		if !hasKey && !hasValue {
			break
		}
		if given++; given > maxTags {
			return tooLong("tags", maxTags)
		}
		field := "tags." + strconv.Itoa(i) + ".member."
		if !hasKey {
			return missing(field + "key")
		}
		if !hasValue {
			return missing(field + "value")
		}
		if err := validateTag(field, c.Params.Get(prefix+".Key"), c.Params.Get(prefix+".Value")); err != nil {
			return err
		}
	}
	if strings.HasPrefix(action, "Tag") && given == 0 {
		return missing("tags")
	}
	if err := checkTwice(c); err != nil {
		return err
	}
	return validateTagKeys(c)
}

// foldsTags reports whether an action's tag keys are case-insensitive. Those
// of OpenID Connect providers are case-sensitive.
func foldsTags(action string) bool { return !strings.Contains(action, "OpenIDConnectProvider") }

// checkTwice rejects duplicate keys and keys reserved by AWS.
func checkTwice(c *call) error {
	seen := map[string]string{}
	for _, tag := range c.Params.Tags("Tags") {
		folded := strings.ToLower(tag.Key)
		if strings.HasPrefix(folded, "aws:") {
			return invalidInput("System tags cannot be added/updated by requester.")
		}
		if !foldsTags(c.Action) {
			folded = tag.Key
		}
		before, twice := seen[folded]
		switch {
		case twice && before == tag.Key && !foldsTags(c.Action):
			return invalidInput("Duplicate tag keys found.")
		case twice:
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[folded] = tag.Key
	}
	return nil
}

func validateTag(field, key, value string) error {
	switch {
	case key == "":
		return invalid(
			"1 validation error detected: Value at '%skey' failed to satisfy constraint: Member must have length "+
				"greater than or equal to 1",
			field,
		)
	case utf8.RuneCountInString(key) > 128:
		return tooLong(field+"key", 128)
	case !tagPattern.MatchString(key):
		return invalid(
			`1 validation error detected: Value at '%skey' failed to satisfy constraint: Member must satisfy `+
				`regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`,
			field,
		)
	case utf8.RuneCountInString(value) > 256:
		return tooLong(field+"value", 256)
	case !tagPattern.MatchString(value):
		return invalid(
			`1 validation error detected: Value at '%svalue' failed to satisfy constraint: Member must satisfy `+
				`regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`,
			field,
		)
	}
	return nil
}

func validateTagKeys(c *call) error {
	keys := c.Params.List("TagKeys")
	if len(keys) > maxTags {
		return tooLong("tagKeys", maxTags)
	}
	for _, key := range keys {
		if key == "" || utf8.RuneCountInString(key) > 128 || !tagPattern.MatchString(key) {
			return invalid(
				`1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy ` +
					`constraint: [Member must have length less than or equal to 128, Member must have length ` +
					`greater than or equal to 1, Member must satisfy regular expression pattern: ` +
					`[\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]`,
			)
		}
	}
	return nil
}
