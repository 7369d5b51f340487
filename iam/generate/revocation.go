package generate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

var (
	sessionText = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	tagForm     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
)

// tagText reports whether a text may be a session tag's: 1 to 256 characters. The
// length isn't part of the pattern, whose compilation would then take longer than
// everything else at the start of a program.
func tagText(text string) bool {
	return utf8.RuneCountInString(text) <= 256 && tagForm.MatchString(text)
}

// Revocation selects the sessions of a role to end.
type Revocation struct {
	Before time.Time // sessions that began earlier end; required, in seconds
	// SourceIdentity, if set, only ends sessions with this source identity.
	SourceIdentity string
	// Tags, if set, only ends sessions that have all of these session tags.
	Tags map[string]string
}

// RevocationPolicy returns the identity policy that ends live sessions of the
// role it is attached to, indented. It denies everything to sessions that
// began before a time. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html.
func RevocationPolicy(r Revocation) ([]byte, error) {
	if r.Before.IsZero() {
		return nil, invalid("before", "", "specify the time before which the sessions began")
	}
	equal := map[string]values{}
	if r.SourceIdentity != "" {
		if !sessionText.MatchString(r.SourceIdentity) {
			return nil, invalid("source_identity", r.SourceIdentity,
				"a source identity has 2 to 64 letters, digits and _+=,.@-")
		}
		equal["aws:SourceIdentity"] = values{r.SourceIdentity}
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		if !tagText(key) || len(key) > 128 || !tagText(r.Tags[key]) {
			return nil, invalid("tags", key, "a session tag can have letters, digits, spaces and _.:/=+-@")
		}
		equal["aws:PrincipalTag/"+key] = values{r.Tags[key]}
	}
	matches := conditions{"DateLessThan": {"aws:TokenIssueTime": {r.Before.UTC().Format(time.RFC3339)}}}
	if len(equal) > 0 {
		matches["StringEquals"] = equal
	}
	return newDocument(statement{
		Sid: fmt.Sprintf("EndSessionsBefore%d", r.Before.Unix()), Effect: "Deny",
		Action: values{"*"}, Resource: values{"*"}, Condition: matches,
	}).pretty()
}
