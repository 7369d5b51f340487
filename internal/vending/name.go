package vending

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

const (
	maxName      = 64 // of a session and of a source identity
	digestLength = 16 // hexadecimal digits, where a name does not fit
	tagBudget    = 1500
	maxTagKey    = 128
	maxTagValue  = 256
	maxSTSTags   = 50
)

// The session tags that every session bears; revocations name them.
const (
	tagGrant     = generate.VendedTag + "grant"
	tagProvider  = generate.VendedTag + "provider"
	tagWorkspace = generate.VendedTag + "workspace"
)

var (
	nameForm = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]+$`)
	uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	tagForm  = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
)

// sessionName carries the grant and the job: "grt_…-" and the job's ID, a UUID
// without its hyphens. CloudTrail shows it, and aws:userid ends with it.
func (a *attempt) sessionName() string { return fit(a.grant.ID+"-", a.job()) }

// job is the run's ID, or what tells the token from others.
func (a *attempt) job() string {
	if a.member {
		return "member"
	}
	for _, c := range a.provider.Claims {
		if c.Role != provider.Job {
			continue
		}
		if value, found := c.Value(a.token); found && value.Text != "" {
			if uuidForm.MatchString(value.Text) {
				return strings.ReplaceAll(value.Text, "-", "")
			}
			return value.Text
		}
	}
	return fingerprint(a.token)[:digestLength]
}

// sourceIdentity carries on whose behalf a session is: the user, or where the
// token names none the project. It stays with every role that is assumed from
// the session, and is what a revocation of the user names.
func (a *attempt) sourceIdentity() string {
	if a.user != "" {
		return UserIdentity(a.grant.Provider, a.user)
	}
	for _, role := range []provider.Role{provider.Project, provider.Subject, provider.Organization} {
		claim, ok := a.provider.Of(role)
		if !ok {
			continue
		}
		if value, found := claim.Value(a.token); found && value.Text != "" {
			return fit(generate.VendedIdentity+"p-", value.Text+"-"+tail(a.provider.ID))
		}
	}
	return fit(generate.VendedIdentity+"g-", a.grant.ID)
}

// UserIdentity is the source identity of a user of a provider, or of a member
// of the workspace ([provider.Members]). Two users never share one.
func UserIdentity(providerID, user string) string {
	if providerID == provider.Members {
		return fit(generate.VendedIdentity+"m-", user)
	}
	return fit(generate.VendedIdentity+"u-", user+"-"+tail(providerID))
}

// tail is enough of an ID to tell a workspace's providers apart.
func tail(id string) string { return id[max(0, len(id)-8):] }

// fit makes a name of a fixed beginning and a text that says who. What STS
// does not take, or has no room for, is told apart by a digest.
func fit(beginning, text string) string {
	if text != "" && nameForm.MatchString(text) && len(beginning)+len(text) <= maxName {
		return beginning + text
	}
	sum := sha256.Sum256([]byte(text))
	return beginning + "." + hex.EncodeToString(sum[:])[:min(2*digestLength, maxName-len(beginning)-1)]
}

// tags are the session tags: grant, provider and workspace first, then the claims that
// the grant names, as far as they fit, the first ones first. A value that STS
// would not take as it is is left out: another one would tell an untruth.
func (a *attempt) tags() map[string]string {
	tags := map[string]string{tagGrant: a.grant.ID, tagProvider: a.grant.Provider, tagWorkspace: a.workspace}
	left := tagBudget
	for _, name := range a.grant.Tags {
		claim, ok := a.provider.Claim(name)
		if !ok {
			continue
		}
		value, found := claim.Value(a.token)
		key, text := generate.VendedTag+"claim/"+name, value.Show()
		if !found || text == "" || len(key) > maxTagKey || len(text) > maxTagValue || !tagForm.MatchString(key) || !tagForm.MatchString(text) {
			continue
		}
		if left -= len(key) + len(text); left < 0 || len(tags) == maxSTSTags {
			break
		}
		tags[key] = text
	}
	return tags
}
