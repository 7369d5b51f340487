package iamapi

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// IAM's quotas. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const (
	maxUsers             = 5000
	maxRoles             = 1000
	maxGroups            = 300
	maxPolicies          = 1500
	maxProviders         = 100
	maxProfiles          = 1000
	maxKeysPerUser       = 2
	maxGroupsPerUser     = 10
	maxAttached          = 10
	maxVersions          = 5
	maxTags              = 50
	maxManagedCharacters = 6144
	maxUserCharacters    = 2048
	maxRoleCharacters    = 10240
	maxGroupCharacters   = 5120
	maxTrustCharacters   = 2048
	maxDocument          = 131072
	maxDescription       = 1000
)

var (
	namePattern = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathPattern = regexp.MustCompile(`^/([!-~]+/)*$`)
	tagPattern  = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// checkName holds a name to IAM's pattern and length; field is the member's
// name in the API, such as "userName".
func checkName(name, field string, limit int) error {
	switch {
	case name == "":
		return invalid("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", field)
	case utf8.RuneCountInString(name) > limit:
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", cut(name), field, limit)
	case !namePattern.MatchString(name):
		return invalid(`The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`, field)
	}
	return nil
}

// checkPath gives the path, "/" when there is none.
func checkPath(path string) (string, error) {
	if path == "" {
		return "/", nil
	}
	if len(path) > 512 || !pathPattern.MatchString(path) {
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return path, nil
}

func checkTags(tags []directory.Tag) error {
	if len(tags) > maxTags {
		return limitExceeded("The number of tags has reached the maximum limit.")
	}
	seen := map[string]bool{}
	for _, tag := range tags {
		folded := strings.ToLower(tag.Key)
		switch {
		case tag.Key == "" || utf8.RuneCountInString(tag.Key) > 128:
			return invalid("1 validation error detected: Value '%s' at 'tags.member.key' failed to satisfy constraint: Member must have length between 1 and 128", cut(tag.Key))
		case utf8.RuneCountInString(tag.Value) > 256:
			return invalid("1 validation error detected: Value at 'tags.member.value' failed to satisfy constraint: Member must have length less than or equal to 256")
		case !tagPattern.MatchString(tag.Key) || !tagPattern.MatchString(tag.Value):
			return invalid(`1 validation error detected: Value '%s' at 'tags' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`, cut(tag.Key))
		case strings.HasPrefix(folded, "aws:"):
			return invalidInput("System tags cannot be added/updated by requester.")
		case seen[folded]:
			return invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[folded] = true
	}
	return nil
}

// characters counts a document as IAM's quotas do: without white space.
func characters(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
