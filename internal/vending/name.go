package vending

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

const (
	maxName      = 64   // characters of a session name and of a source identity
	digestLength = 16   // hexadecimal digits of a job without an ID
	maxTagBytes  = 1500 // keys and values of all tags together
	maxTagKey    = 128
	maxTagValue  = 256
	maxSTSTags   = 50
)

// The tags of every session, which revocations refer to.
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

// sessionName returns a session name with the grant and the job. CloudTrail
// shows it, and aws:userid ends with it. token is nil for a member.
func sessionName(c *choice, token *idtoken.Token) string { return fit(c.grant.ID+"-", job(c, token)) }

// job returns the ID of the job, a UUID without its hyphens. Without a job ID
// it returns a fingerprint of the token.
func job(c *choice, token *idtoken.Token) string {
	if token == nil {
		return "member"
	}
	for _, claim := range c.provider.Claims {
		if claim.Role != provider.Job {
			continue
		}
		if value, found := claim.Value(token); found && value.Text != "" {
			if uuidForm.MatchString(value.Text) {
				return strings.ReplaceAll(value.Text, "-", "")
			}
			return value.Text
		}
	}
	return fingerprint(token)[:digestLength]
}

// sourceIdentity returns the user, the project if the token has no user, or
// the grant. AWS carries it over to roles that are assumed from the session,
// and a revocation of the user refers to it.
func sourceIdentity(c *choice, token *idtoken.Token) string {
	if c.user != "" {
		return SourceIdentity(c.grant.Provider, c.user)
	}
	for _, role := range []provider.Role{provider.Project, provider.Subject, provider.Organization} {
		claim, ok := c.provider.Of(role)
		if !ok || token == nil {
			continue
		}
		if value, found := claim.Value(token); found && value.Text != "" {
			return fit(generate.VendedIdentity+"p-", value.Text+"-"+tail(c.provider.ID))
		}
	}
	return fit(generate.VendedIdentity+"g-", c.grant.ID)
}

// SourceIdentity returns the source identity for a user of a provider, or for
// a member of the workspace ([provider.Members]). It is unique.
func SourceIdentity(providerID, user string) string {
	if providerID == provider.Members {
		return fit(generate.VendedIdentity+"m-", user)
	}
	return fit(generate.VendedIdentity+"u-", user+"-"+tail(providerID))
}

// tail returns the end of an ID, which identifies a provider of a workspace.
func tail(id string) string { return id[max(0, len(id)-8):] }

// fit appends text to prefix. Text that is too long for STS, or has other
// characters than STS allows, is replaced by a digest.
func fit(prefix, text string) string {
	if text != "" && nameForm.MatchString(text) && len(prefix)+len(text) <= maxName {
		return prefix + text
	}
	sum := sha256.Sum256([]byte(text))
	return prefix + "." + hex.EncodeToString(sum[:])[:min(2*digestLength, maxName-len(prefix)-1)]
}

// sessionTags returns tags for the grant, the provider, the workspace, and as
// many of the grant's claims as fit, in the grant's order. It skips values that
// STS doesn't allow.
func sessionTags(workspace string, c *choice, token *idtoken.Token) map[string]string {
	tags := map[string]string{tagGrant: c.grant.ID, tagProvider: c.grant.Provider, tagWorkspace: workspace}
	left := maxTagBytes
	for _, name := range c.grant.Tags {
		claim, ok := c.provider.Claim(name)
		if !ok || token == nil {
			continue
		}
		value, found := claim.Value(token)
		key, text := generate.VendedTag+"claim/"+name, value.Show()
		if !found || text == "" || len(key) > maxTagKey || len(text) > maxTagValue ||
			!tagForm.MatchString(key) || !tagForm.MatchString(text) {
			continue
		}
		if left -= len(key) + len(text); left < 0 || len(tags) == maxSTSTags {
			break
		}
		tags[key] = text
	}
	return tags
}
