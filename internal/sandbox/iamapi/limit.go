package iamapi

import (
	"regexp"
	"strconv"
	"unicode"
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

// pathOf returns a validated path, "/" by default.
func pathOf(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// characters returns the length of a document as IAM's quotas count it:
// without white space.
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
