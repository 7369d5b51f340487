package stsapi

import (
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// STS's limits. See
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const (
	minDuration     = 900
	maxDuration     = 43200
	maxPolicy       = 2048
	maxPolicyARNs   = 10
	maxTags         = 50
	defaultDuration = 3600
)

var (
	namePattern     = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalPattern = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
	tagPattern      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

func invalid(format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, "ValidationError", format, args...)
}

func tooLong(field string, most int) error {
	return invalid(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than "+
			"or equal to %d",
		field,
		most,
	)
}

func missing(field string) error {
	return invalid(
		"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null",
		field,
	)
}

func constraint(value, field, text string) error {
	return invalid(
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s",
		cut(value),
		field,
		text,
	)
}

// checkText checks a parameter's length in characters and its pattern.
func checkText(value, field string, least, most int, pattern *regexp.Regexp, shown string) error {
	switch n := utf8.RuneCountInString(value); {
	case n < least:
		return invalid(
			"1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length "+
				"greater than or equal to %d",
			field,
			least,
		)
	case n > most:
		return tooLong(field, most)
	case !pattern.MatchString(value):
		return constraint(value, field, "satisfy regular expression pattern: "+shown)
	}
	return nil
}

func checkSessionName(name string) error {
	if name == "" {
		return missing("roleSessionName")
	}
	return checkText(name, "roleSessionName", 2, 64, namePattern, `[\w+=,.@-]*`)
}

func checkTags(tags []directory.Tag, transitive []string) error {
	if len(tags) > maxTags || len(transitive) > maxTags {
		return constraint("", "tags", "have length less than or equal to "+itoa(maxTags))
	}
	seen := map[string]bool{}
	for _, tag := range tags {
		if err := checkText(tag.Key, "tags.member.key", 1, 128, tagPattern, `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`); err != nil {
			return err
		}
		if err := checkText(
			tag.Value,
			"tags.member.value",
			0,
			256,
			tagPattern,
			`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`,
		); err != nil {
			return err
		}
		folded := strings.ToLower(tag.Key)
		if strings.HasPrefix(folded, "aws:") {
			return awserror.New(http.StatusBadRequest, "InvalidParameterValue", "Tag keys may not begin with aws:")
		}
		if seen[folded] {
			return awserror.New(
				http.StatusBadRequest,
				"InvalidParameterValue",
				"Duplicate tag keys found. Please note that Tag keys are case insensitive.",
			)
		}
		seen[folded] = true
	}
	return nil
}
