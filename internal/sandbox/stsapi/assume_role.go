package stsapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// assumption is a request to assume a role.
type assumption struct {
	roleARN        string
	sessionName    string
	externalID     string
	hasExternalID  bool
	duration       time.Duration
	passed         passed
	sourceIdentity string
}

type credentialsXML struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

type roleUserXML struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	Arn           string
}

type assumeRoleResult struct {
	Credentials      credentialsXML
	AssumedRoleUser  roleUserXML
	PackedPolicySize int    `xml:",omitempty"`
	SourceIdentity   string `xml:",omitempty"`
}

func (a *API) assumeRole(ctx context.Context, c *call) (any, error) {
	ask, err := readAssumption(c)
	if err != nil {
		return nil, err
	}
	if c.Caller.Type == iam.Root {
		return nil, awserror.New(http.StatusForbidden, "AccessDenied", "Roles may not be assumed by root accounts.")
	}
	if !strings.HasPrefix(ask.roleARN, "arn:") {
		return nil, invalid("%s is invalid", cut(ask.roleARN))
	}
	if err := noDevice(c); err != nil {
		return nil, err
	}
	role, trust := a.findRole(ask.roleARN)
	if err := a.inherit(c, ask); err != nil {
		return nil, err
	}
	if err := a.allowAssume(ctx, c, ask, role, trust); err != nil {
		return nil, err
	}
	if err := checkDuration(c, ask, role); err != nil {
		return nil, err
	}
	session, err := a.newSession(c, ask.passed, ask.duration, role.Account)
	if err != nil {
		return nil, err
	}
	session.Kind, session.Name = directory.RoleSession, ask.sessionName
	session.Role, session.RoleID = role.Name, role.ID
	session.SourceIdentity, session.Chained = ask.sourceIdentity, c.Caller.Type == iam.RoleSession
	if err := a.keep(session); err != nil {
		return nil, err
	}
	return assumeRoleResult{
		show(session),
		roleUserXML{role.ID + ":" + ask.sessionName, directory.RolePrincipal(role, ask.sessionName).ARN},
		ask.passed.packed, ask.sourceIdentity,
	}, nil
}

func readAssumption(c *call) (*assumption, error) {
	p := c.Params
	ask := &assumption{
		roleARN: p.Get("RoleArn"), sessionName: p.Get("RoleSessionName"), externalID: p.Get("ExternalId"),
		hasExternalID: p.Has("ExternalId"), sourceIdentity: p.Get("SourceIdentity"),
	}
	if err := checkRoleARN(ask.roleARN); err != nil {
		return nil, err
	}
	if err := checkSessionName(ask.sessionName); err != nil {
		return nil, err
	}
	if ask.hasExternalID {
		if err := checkText(ask.externalID, "externalId", 2, 1224, externalPattern, `[\w+=,.@:\/-]*`); err != nil {
			return nil, err
		}
	}
	if ask.sourceIdentity != "" {
		if err := checkText(ask.sourceIdentity, "sourceIdentity", 2, 64, namePattern, `[\w+=,.@-]*`); err != nil {
			return nil, err
		}
	}
	var err error
	if ask.duration, err = readDuration(p, defaultDuration, maxDuration); err != nil {
		return nil, err
	}
	ask.passed, err = readPassed(p)
	return ask, err
}

// checkRoleARN checks the length of a role's ARN. An ARN that isn't a role's
// gets the error for a missing role.
func checkRoleARN(arn string) error {
	switch {
	case arn == "":
		return missing("roleArn")
	case len(arn) < 20:
		return invalid(
			"1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must have length " +
				"greater than or equal to 20",
		)
	case len(arn) > 2048:
		return tooLong("roleArn", 2048)
	}
	return nil
}

func readDuration(p query.Params, fallback, most int) (time.Duration, error) {
	seconds, err := p.Int("DurationSeconds", fallback)
	switch {
	case err != nil:
		return 0, err
	case seconds < minDuration:
		return 0, constraint(itoa(seconds), "durationSeconds", "have value greater than or equal to "+itoa(minDuration))
	case seconds > most:
		return 0, constraint(itoa(seconds), "durationSeconds", "have value less than or equal to "+itoa(most))
	}
	return time.Duration(seconds) * time.Second, nil
}

// findRole returns the role and its trust policy, or nil if it doesn't exist.
func (a *API) findRole(arn string) (*directory.Role, *iam.Compiled) {
	var role *directory.Role
	var trust *iam.Compiled
	_ = a.config.Directory.Seen(func(tx *directory.Tx) error { // fn returns no error
		if role = tx.RoleByARN(arn); role != nil {
			trust = tx.Trust(role).Compiled()
		}
		return nil
	})
	return role, trust
}

// inherit takes over the transitive tags, which can't be overridden, and the
// source identity, which can't change, from the calling session.
func (a *API) inherit(c *call, ask *assumption) error {
	session := c.Caller.Session
	if session == nil {
		return nil
	}
	for _, tag := range session.Tags {
		if !slices.ContainsFunc(session.Transitive, func(k string) bool { return strings.EqualFold(k, tag.Key) }) {
			continue
		}
		if slices.ContainsFunc(
			ask.passed.tags,
			func(t directory.Tag) bool { return strings.EqualFold(t.Key, tag.Key) },
		) {
			return awserror.New(
				http.StatusBadRequest,
				"InvalidParameterValue",
				"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag "+
					"key from the calling session.",
			)
		}
		ask.passed.inherited = append(ask.passed.inherited, tag)
	}
	if session.SourceIdentity != "" {
		if ask.sourceIdentity != "" && ask.sourceIdentity != session.SourceIdentity {
			return awserror.New(
				http.StatusForbidden,
				"AccessDenied",
				"User: %s is not authorized to perform: sts:SetSourceIdentity on resource: %s",
				c.Caller.ARN,
				ask.roleARN,
			)
		}
		ask.sourceIdentity = session.SourceIdentity
	}
	return nil
}

// allowAssume decides all actions that the assumption needs. A missing role
// gets the same error as one that doesn't trust the caller.
func (a *API) allowAssume(
	ctx context.Context,
	c *call,
	ask *assumption,
	role *directory.Role,
	trust *iam.Compiled,
) error {
	account, _, _ := directory.SplitARN(ask.roleARN)
	keys := []authz.Key{
		authz.K("sts:RoleSessionName", ask.sessionName),
		authz.K("sts:DurationSeconds", itoa(int(ask.duration/time.Second))),
	}
	if ask.hasExternalID {
		keys = append(keys, authz.K("sts:ExternalId", ask.externalID))
	}
	if ask.sourceIdentity != "" {
		keys = append(keys, authz.K("sts:SourceIdentity", ask.sourceIdentity))
	}
	keys = append(keys, ask.passed.keys()...)
	actions := []string{"sts:AssumeRole"}
	if len(ask.passed.tags)+len(ask.passed.inherited) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if ask.sourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	if role != nil {
		keys = append(keys, resourceTags(role.Tags)...)
	}
	for _, action := range actions {
		call := c.Authz(action, ask.roleARN, account, keys)
		call.Trust = trust
		d := a.config.Authorizer.Decide(ctx, call)
		if role == nil || trust == nil || !d.Allowed() {
			return authz.Denied(call, d)
		}
	}
	return nil
}

func resourceTags(tags []directory.Tag) []authz.Key {
	var keys []authz.Key
	for _, tag := range tags {
		keys = append(
			keys,
			authz.K("aws:ResourceTag/"+tag.Key, tag.Value),
			authz.K("iam:ResourceTag/"+tag.Key, tag.Value),
		)
	}
	return keys
}

func checkDuration(c *call, ask *assumption, role *directory.Role) error {
	if ask.duration > role.MaxSession {
		return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if c.Caller.Type == iam.RoleSession && ask.duration > time.Hour {
		return invalid(
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
		)
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
