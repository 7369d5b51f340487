package generate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

var (
	sessionText = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	tagText     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$`)
)

// Revocation is which sessions of a role end.
type Revocation struct {
	Before time.Time // those that began earlier; required, to the second
	// SourceIdentity, optional, ends those of one source identity alone.
	SourceIdentity string
	// Tags, optional, end those alone that bear every one of these session
	// tags.
	Tags map[string]string
}

// RevocationPolicy is the identity policy that ends live sessions of the role
// that it is put on: it denies everything to those that began before a time.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html.
// Pretty-printed.
func RevocationPolicy(r Revocation) ([]byte, error) {
	if r.Before.IsZero() {
		return nil, invalid("before", "", "say before when the sessions began")
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
		if !tagText.MatchString(key) || len(key) > 128 || !tagText.MatchString(r.Tags[key]) {
			return nil, invalid("tags", key, "a session tag has letters, digits, spaces and _.:/=+-@")
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
