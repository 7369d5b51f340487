// Package kmsapi serves the part of the KMS API that rehearsals need: keys
// with their policies and aliases, and encryption. See
// https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html.
package kmsapi

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// API returns KMS's calls. It is safe for concurrent use.
type API struct {
	query.JSON
	config     query.Config
	operations map[string]operation
}

// New returns the API.
func New(config query.Config) *API {
	protocol := query.JSON{
		Version: "1.1", Failure: "KMSInternalException", Unavailable: "DependencyTimeoutException",
	}
	return &API{protocol, config, operations()}
}

// call is one request and its time.
type call struct {
	*query.Call
	api *API
	ctx context.Context //nolint:containedctx // a call lives as long as its request
	now time.Time
}

// operation is one of KMS's actions. A nil result has no document.
type operation func(c *call) (result any, _ error)

// on returns an operation that unmarshals its parameters for run.
func on[T any](run func(c *call, in *T) (any, error)) operation {
	return func(c *call) (any, error) {
		in := new(T)
		if err := query.Unmarshal(c.Call, in); err != nil {
			return nil, err
		}
		return run(c, in)
	}
}

func operations() map[string]operation {
	return map[string]operation{
		"CreateKey":            on((*call).createKey),
		"DescribeKey":          on((*call).describeKey),
		"ListKeys":             on((*call).listKeys),
		"EnableKey":            on((*call).enableKey),
		"DisableKey":           on((*call).disableKey),
		"UpdateKeyDescription": on((*call).updateKeyDescription),
		"ScheduleKeyDeletion":  on((*call).scheduleKeyDeletion),
		"CancelKeyDeletion":    on((*call).cancelKeyDeletion),
		"GetKeyRotationStatus": on((*call).getKeyRotationStatus),

		"GetKeyPolicy":    on((*call).getKeyPolicy),
		"PutKeyPolicy":    on((*call).putKeyPolicy),
		"ListKeyPolicies": on((*call).listKeyPolicies),

		"CreateAlias": on((*call).createAlias),
		"UpdateAlias": on((*call).updateAlias),
		"DeleteAlias": on((*call).deleteAlias),
		"ListAliases": on((*call).listAliases),

		"TagResource":      on((*call).tagResource),
		"UntagResource":    on((*call).untagResource),
		"ListResourceTags": on((*call).listResourceTags),

		"Encrypt":                         on((*call).encrypt),
		"Decrypt":                         on((*call).decrypt),
		"ReEncrypt":                       on((*call).reEncrypt),
		"GenerateDataKey":                 on((*call).generateDataKey),
		"GenerateDataKeyWithoutPlaintext": on((*call).generateDataKeyWithoutPlaintext),
	}
}

// AllowsUnsigned reports whether an action can be called without a signature.
// No KMS action can.
func (a *API) AllowsUnsigned(string) bool { return false }

// CheckRegion accepts every region, because KMS is in all of them.
func (a *API) CheckRegion(string, string) error { return nil }

// Has reports whether KMS has an action.
func (a *API) Has(action string) bool {
	_, known := a.operations[action]
	return known
}

// regionPattern limits the regions in the ARNs of keys.
var regionPattern = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Serve decides a call and executes it.
func (a *API) Serve(ctx context.Context, in *query.Call) (result any, _ error) {
	c := &call{Call: in}
	run, known := a.operations[c.Action]
	if !known {
		return nil, a.UnknownAction(c.Action, "")
	}
	if !regionPattern.MatchString(c.Region) {
		return nil, invalid("InvalidSignatureException", "Credential should be scoped to a valid region.")
	}
	c.api, c.ctx, c.now = a, ctx, a.config.Now().UTC()
	return run(c)
}

// allow decides an action on a key, by its policy and the caller's. See
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html.
func (c *call) allow(action string, key *directory.MasterKey, keys ...authz.Key) error {
	var policy *iam.Compiled
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		policy = tx.Today(key.Policy, key.Principals).Compiled()
		return nil
	})
	keys = append(keys, keyKeys(key)...)
	return c.decide(c.question(action, key.ARN(), key.Account, policy, keys))
}

// allowOn decides an action on a resource without a policy.
func (c *call) allowOn(action, resource string, keys ...authz.Key) error {
	return c.decide(c.question(action, resource, c.Caller.Account, nil, keys))
}

func (c *call) question(action, resource, account string, policy *iam.Compiled, keys []authz.Key) *authz.Call {
	question := c.Authz("kms:"+action, resource, account, append(keys, authz.K("kms:CallerAccount", c.Caller.Account)))
	question.Policy = policy
	return question
}

func (c *call) decide(call *authz.Call) error {
	d := c.api.config.Authorizer.Decide(c.ctx, call)
	if !d.Allowed() {
		return denied(authz.Denied(call, d).Message)
	}
	if c.Hit != nil && c.Hit(fault.KMSDenied) != nil {
		return denied(authz.Denied(call, iam.Decision{Kind: iam.Resource, Reason: iam.ResourceSilent}).Message)
	}
	return nil
}

// keyKeys returns the condition keys of a key.
func keyKeys(key *directory.MasterKey) []authz.Key {
	keys := []authz.Key{
		authz.K("kms:KeySpec", keySpec), authz.K("kms:KeyUsage", keyUsage), authz.K("kms:KeyOrigin", keyOrigin),
		authz.K("kms:MultiRegion", "false"),
	}
	if len(key.Aliases) > 0 {
		keys = append(keys, authz.K("kms:ResourceAliases", key.Aliases...))
	}
	for _, tag := range key.Tags {
		keys = append(keys, authz.K("aws:ResourceTag/"+tag.Key, tag.Value))
	}
	return keys
}

// find returns the key in a call: by its ID or ARN or, if aliases is set, by
// an alias's name or ARN.
func (c *call) find(name string, aliases bool) (*directory.MasterKey, []authz.Key, error) {
	if name == "" {
		return nil, nil, missing("keyId")
	}
	if len(name) > 2048 {
		return nil, nil, tooLong("keyId", 2048)
	}
	region, isARN := arnRegion(name)
	if isARN && region != c.Region {
		return nil, nil, notFound("Invalid arn %s", region)
	}
	alias := strings.HasPrefix(name, "alias/") || isARN && strings.Contains(name, ":alias/")
	if alias && !aliases {
		return nil, nil, invalid("InvalidArnException", "Invalid keyId '%s'", cut(name))
	}
	var key *directory.MasterKey
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		key = tx.MasterKey(c.Caller.Account, c.Region, name)
		return nil
	})
	if key == nil {
		return nil, nil, c.absent(name, alias)
	}
	if alias {
		return key, []authz.Key{authz.K("kms:RequestAlias", name[strings.Index(name, "alias/"):])}, nil
	}
	return key, nil, nil
}

// exists reports whether the called region has a key with this ARN.
func (c *call) exists(arn string) bool {
	var key *directory.MasterKey
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		key = tx.MasterKey(c.Caller.Account, c.Region, arn)
		return nil
	})
	return key != nil && key.Region == c.Region
}

// absent returns the error for a missing key. It doesn't reveal whether another
// account has the key.
func (c *call) absent(name string, alias bool) error {
	if _, isARN := arnRegion(name); isARN && !strings.Contains(name, ":"+c.Caller.Account+":") {
		return denied(
			"User: " + c.Caller.ARN + " is not authorized to perform: kms:" + c.Action + " on resource: " + cut(name) +
				" because the resource does not exist in this Region, no resource-based policies allow access, or a " +
				"resource-based policy explicitly denies access",
		)
	}
	switch {
	case alias && strings.HasPrefix(name, "alias/"):
		return notFound("Alias arn:aws:kms:%s:%s:%s is not found.", c.Region, c.Caller.Account, cut(name))
	case alias:
		return notFound("Alias %s is not found.", cut(name))
	case strings.HasPrefix(name, "arn:"):
		return notFound("Key '%s' does not exist", cut(name))
	default:
		return notFound("Key 'arn:aws:kms:%s:%s:key/%s' does not exist", c.Region, c.Caller.Account, cut(name))
	}
}

// own returns a key of the caller's account, and decides an action on it.
func (c *call) own(name string) (*directory.MasterKey, error) {
	key, keys, err := c.find(name, false)
	if err != nil {
		return nil, err
	}
	return key, c.allow(c.Action, key, keys...)
}

// change changes a copy of a key.
func (c *call) change(key *directory.MasterKey, change func(k *directory.MasterKey) error) error {
	return c.api.config.Directory.Update(func(tx *directory.Tx) error {
		now := tx.MasterKeys.Get(key.Account, key.Region+"/"+key.ID)
		if now == nil {
			return notFound("Key '%s' does not exist", key.ARN())
		}
		changed := *now
		changed.Aliases, changed.Tags = slices.Clone(now.Aliases), slices.Clone(now.Tags)
		if err := change(&changed); err != nil {
			return err
		}
		tx.MasterKeys.Put(key.Account, key.Region+"/"+key.ID, &changed)
		return nil
	})
}

// arnRegion returns the region of an ARN of KMS.
func arnRegion(name string) (region string, isARN bool) {
	rest, isARN := strings.CutPrefix(name, "arn:aws:kms:")
	region, _, _ = strings.Cut(rest, ":")
	return region, isARN
}
