// Package kmsapi answers the part of the KMS API that rehearsals need: keys
// with their policies and aliases, and encryption with them. See
// https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html.
package kmsapi

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Config is what the API needs; every field is required.
type Config struct {
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Now        func() time.Time
}

// API answers KMS's calls. It is safe for concurrent use.
type API struct {
	config     Config
	operations map[string]operation
}

// New makes the API.
func New(config Config) *API { return &API{config, operations()} }

// Call is one request whose signature has been verified.
type Call struct {
	Caller    *directory.Caller
	Action    string // "Encrypt"
	Body      []byte // JSON
	Request   *http.Request
	RequestID string
	Region    string
	Hit       func(fault.Kind) *fault.Fault // says whether a fault strikes the call; nil: none does

	api *API
	ctx context.Context //nolint:containedctx // a call lives as long as its request
	now time.Time
}

// operation is one of KMS's actions; a result of nil has no document.
type operation func(c *Call) (result any, _ error)

// on makes an operation of a function that takes its parameters ready read.
func on[T any](run func(c *Call, in *T) (any, error)) operation {
	return func(c *Call) (any, error) {
		in := new(T)
		if err := json.Unmarshal(c.Body, in); err != nil {
			return nil, awserror.New(http.StatusBadRequest, "SerializationException", "The request is not the JSON of a %s.", c.Action)
		}
		return run(c, in)
	}
}

func operations() map[string]operation {
	return map[string]operation{
		"CreateKey":            on((*Call).createKey),
		"DescribeKey":          on((*Call).describeKey),
		"ListKeys":             on((*Call).listKeys),
		"EnableKey":            on((*Call).enableKey),
		"DisableKey":           on((*Call).disableKey),
		"UpdateKeyDescription": on((*Call).updateKeyDescription),
		"ScheduleKeyDeletion":  on((*Call).scheduleKeyDeletion),
		"CancelKeyDeletion":    on((*Call).cancelKeyDeletion),
		"GetKeyRotationStatus": on((*Call).getKeyRotationStatus),

		"GetKeyPolicy":    on((*Call).getKeyPolicy),
		"PutKeyPolicy":    on((*Call).putKeyPolicy),
		"ListKeyPolicies": on((*Call).listKeyPolicies),

		"CreateAlias": on((*Call).createAlias),
		"UpdateAlias": on((*Call).updateAlias),
		"DeleteAlias": on((*Call).deleteAlias),
		"ListAliases": on((*Call).listAliases),

		"TagResource":      on((*Call).tagResource),
		"UntagResource":    on((*Call).untagResource),
		"ListResourceTags": on((*Call).listResourceTags),

		"Encrypt":                         on((*Call).encrypt),
		"Decrypt":                         on((*Call).decrypt),
		"ReEncrypt":                       on((*Call).reEncrypt),
		"GenerateDataKey":                 on((*Call).generateDataKey),
		"GenerateDataKeyWithoutPlaintext": on((*Call).generateDataKeyWithoutPlaintext),
	}
}

// Known says whether there is such an action.
func (a *API) Known(action string) bool {
	_, known := a.operations[action]
	return known
}

// regionPattern bounds what stands in the ARNs of keys.
var regionPattern = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Answer decides a call and carries it out.
func (a *API) Answer(ctx context.Context, c *Call) (result any, _ error) {
	run, known := a.operations[c.Action]
	if !known {
		return nil, UnknownAction(c.Action)
	}
	if !regionPattern.MatchString(c.Region) {
		return nil, invalid("InvalidSignatureException", "Credential should be scoped to a valid region.")
	}
	c.api, c.ctx, c.now = a, ctx, a.config.Now().UTC()
	return run(c)
}

// allow decides an action on a key, by its policy and the caller's. See
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html.
func (c *Call) allow(action string, key *directory.MasterKey, keys ...authz.Key) error {
	var policy *iam.Compiled
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		policy = tx.Today(key.Policy, key.Principals).Compiled()
		return nil
	})
	keys = append(keys, keyKeys(key)...)
	return c.decide(c.call(action, key.ARN(), key.Account, policy, keys))
}

// allowOn decides an action on something that has no policy of its own.
func (c *Call) allowOn(action, resource string, keys ...authz.Key) error {
	return c.decide(c.call(action, resource, c.Caller.Account, nil, keys))
}

func (c *Call) call(action, resource, account string, policy *iam.Compiled, keys []authz.Key) *authz.Call {
	return &authz.Call{
		Caller: c.Caller, Request: c.Request, RequestID: c.RequestID, Region: c.Region,
		Action: "kms:" + action, Resource: resource, ResourceAccount: account, Policy: policy,
		Keys: append(keys, authz.K("kms:CallerAccount", c.Caller.Account)),
	}
}

func (c *Call) decide(call *authz.Call) error {
	d := c.api.config.Authorizer.Decide(c.ctx, call)
	if !d.Allowed() {
		return denied(authz.Denied(call, d).Message)
	}
	if c.Hit != nil && c.Hit(fault.KMSDenied) != nil {
		return denied(authz.Denied(call, iam.Decision{Kind: iam.Resource, Reason: iam.ResourceSilent}).Message)
	}
	return nil
}

// keyKeys are the condition keys that a key itself gives.
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

// find gives the key that a call names: by its ID or ARN and, where aliases
// are taken, by an alias's name or ARN.
func (c *Call) find(name string, aliases bool) (*directory.MasterKey, []authz.Key, error) {
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
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
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

// exists says whether there is a key of this ARN in the region that is called.
func (c *Call) exists(arn string) bool {
	var key *directory.MasterKey
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn gives no error
		key = tx.MasterKey(c.Caller.Account, c.Region, arn)
		return nil
	})
	return key != nil && key.Region == c.Region
}

// absent is the answer to a key that is not there; of another account's it is
// not told whether it is.
func (c *Call) absent(name string, alias bool) error {
	if _, isARN := arnRegion(name); isARN && !strings.Contains(name, ":"+c.Caller.Account+":") {
		return denied("User: " + c.Caller.ARN + " is not authorized to perform: kms:" + c.Action + " on resource: " + cut(name) +
			" because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access")
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

// own finds a key of the caller's account and decides an action on it.
func (c *Call) own(name string) (*directory.MasterKey, error) {
	key, keys, err := c.find(name, false)
	if err != nil {
		return nil, err
	}
	return key, c.allow(c.Action, key, keys...)
}

// change changes a copy of a key.
func (c *Call) change(key *directory.MasterKey, change func(k *directory.MasterKey) error) error {
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

// arnRegion gives the region of an ARN of KMS.
func arnRegion(name string) (region string, isARN bool) {
	rest, isARN := strings.CutPrefix(name, "arn:aws:kms:")
	region, _, _ = strings.Cut(rest, ":")
	return region, isARN
}
