package stsapi

import (
	"bytes"
	"compress/flate"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// passed has the policies and tags that a caller passes to a new session.
type passed struct {
	documents  []*directory.Document
	arns       []string
	tags       []directory.Tag
	inherited  []directory.Tag // transitive tags of the calling session
	transitive []string
	packed     int // percentage of the limit; 0 if nothing was passed
}

func readPassed(p query.Params) (passed, error) {
	out := passed{tags: p.Tags("Tags"), transitive: p.List("TransitiveTagKeys")}
	if err := checkTags(out.tags, out.transitive); err != nil {
		return out, err
	}
	for _, key := range out.transitive {
		if !slices.ContainsFunc(out.tags, func(t directory.Tag) bool { return strings.EqualFold(t.Key, key) }) {
			return out, awserror.New(
				http.StatusBadRequest,
				"InvalidParameterValue",
				"The specified transitive tag key must be included in the requested tags.",
			)
		}
	}
	for _, record := range p.Records("PolicyArns", "arn") {
		out.arns = append(out.arns, record.Get("arn"))
	}
	if len(out.arns) > maxPolicyARNs {
		return out, constraint("", "policyArns", "have length less than or equal to "+itoa(maxPolicyARNs))
	}
	text := p.Get("Policy")
	if utf8.RuneCountInString(text) > maxPolicy {
		return out, tooLong("policy", maxPolicy)
	}
	if text != "" {
		document, err := iamapi.ReadDocument(iam.Session, text)
		if err != nil {
			return out, err
		}
		out.documents = []*directory.Document{document}
	}
	return out, out.pack(text)
}

// packedLimit is the size that counts as 100 %. AWS doesn't document how it
// packs; this is deflate over the policy, the ARNs and the tags.
const packedLimit = 2048

func (p *passed) pack(policy string) error {
	if policy == "" && len(p.arns) == 0 && len(p.tags) == 0 {
		return nil
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return err
	}
	parts := append([]string{policy}, p.arns...)
	for _, tag := range p.tags {
		parts = append(parts, tag.Key, tag.Value)
	}
	if _, err := w.Write([]byte(strings.Join(parts, "\x00"))); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	p.packed = max(1, b.Len()*100/packedLimit)
	if p.packed > 100 {
		return awserror.New(
			http.StatusBadRequest,
			"PackedPolicyTooLarge",
			"Packed size of session policy and tags consumes %d%% of allotted space.",
			p.packed,
		)
	}
	return nil
}

// keys returns the condition keys of what the caller passed.
func (p *passed) keys() []authz.Key {
	var keys []authz.Key
	var names []string
	for _, tag := range slices.Concat(p.tags, p.inherited) {
		names = append(names, tag.Key)
		keys = append(keys, authz.K("aws:RequestTag/"+tag.Key, tag.Value))
	}
	if len(names) > 0 {
		keys = append(keys, authz.K("aws:TagKeys", names...))
	}
	if len(p.transitive) > 0 {
		keys = append(keys, authz.K("sts:TransitiveTagKeys", p.transitive...))
	}
	return keys
}

// newSession returns the credentials of a new session of this account.
func (a *API) newSession(c *call, p passed, duration time.Duration, account string) (*directory.Session, error) {
	err := a.config.Directory.View(func(tx *directory.Tx) error {
		for _, arn := range p.arns {
			policy := tx.PolicyByARN(arn)
			if policy == nil || policy.Account != account && policy.Account != "aws" {
				return invalid("Invalid policy ARN: %s", cut(arn))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	session := &directory.Session{
		ID: directory.NewKeyID(directory.SessionKey), Secret: directory.NewSecret(), Token: directory.NewToken(),
		Account: account, Policies: p.documents, PolicyARNs: p.arns, Tags: slices.Concat(p.inherited, p.tags),
		Transitive: p.transitive, Issued: c.now, Expires: c.now.Add(duration),
	}
	for _, tag := range p.inherited {
		session.Transitive = append(session.Transitive, tag.Key)
	}
	return session, nil
}

func (a *API) keep(session *directory.Session) error {
	return a.config.Directory.Begin(session)
}

func show(s *directory.Session) credentialsXML {
	return credentialsXML{s.ID, s.Secret, s.Token, query.Time(s.Expires)}
}
