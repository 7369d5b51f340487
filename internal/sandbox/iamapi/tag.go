package iamapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// tagged is a kind of resource with tags.
type tagged struct {
	kind     string // "User", as in the names of actions
	resource func(c *call, tx *directory.Tx) string
	get      func(c *call, tx *directory.Tx) ([]directory.Tag, error)
	put      func(c *call, tx *directory.Tx, tags []directory.Tag)
}

func (k tagged) operations(table map[string]operation) {
	table["Tag"+k.kind] = operation{true, k.resource, (*call).requestTags, k.tag}
	table["Untag"+k.kind] = operation{true, k.resource, untagKeys, k.untag}
	table["List"+k.kind+"Tags"] = operation{false, k.resource, nil, k.list}
}

func untagKeys(c *call, _ *directory.Tx) []authz.Key {
	return []authz.Key{authz.K("aws:TagKeys", c.Params.List("TagKeys")...)}
}

func (k tagged) tag(c *call, tx *directory.Tx) (any, error) {
	tags, err := k.get(c, tx)
	if err != nil {
		return nil, err
	}
	set := c.Params.Tags("Tags")
	same := sameKey(foldsTags(c.Action))
	merged := directory.SetTags(tags, set, same)
	if len(merged) > maxTags {
		return nil, limitExceeded("The number of tags has reached the maximum limit.")
	}
	k.put(c, tx, merged)
	return nil, nil
}

func (k tagged) untag(c *call, tx *directory.Tx) (any, error) {
	tags, err := k.get(c, tx)
	if err != nil {
		return nil, err
	}
	gone, same := c.Params.List("TagKeys"), sameKey(foldsTags(c.Action))
	k.put(c, tx, slices.DeleteFunc(slices.Clone(tags), func(t directory.Tag) bool {
		return slices.ContainsFunc(gone, func(key string) bool { return same(key, t.Key) })
	}))
	return nil, nil
}

type tagsResult struct {
	Tags struct {
		Members []tagXML `xml:"member"`
	}
	page
}

func (k tagged) list(c *call, tx *directory.Tx) (any, error) {
	tags, err := k.get(c, tx)
	if err != nil {
		return nil, err
	}
	shown, tail, err := paged(c, slices.Values(tags), func(t directory.Tag) string { return t.Key })
	result := tagsResult{page: tail}
	result.Tags.Members = mapped(shown, func(t directory.Tag) tagXML { return tagXML(t) })
	return result, err
}

// bearerTags returns the tags of users and roles.
func bearerTags(b bearer) tagged {
	return tagged{
		b.Kind, b.resource,
		func(c *call, tx *directory.Tx) ([]directory.Tag, error) {
			identity, err := b.get(c, tx)
			if err != nil {
				return nil, err
			}
			return identity.Tags, nil
		},
		func(c *call, tx *directory.Tx, tags []directory.Tag) {
			if identity, err := b.get(c, tx); err == nil {
				changed := *identity
				changed.Tags = tags
				b.put(tx, &changed)
			}
		},
	}
}

func policyTags() tagged {
	return tagged{
		"Policy", policyARN,
		func(c *call, tx *directory.Tx) ([]directory.Tag, error) {
			policy, err := c.ownPolicy(tx)
			if err != nil {
				return nil, err
			}
			return policy.Tags, nil
		},
		func(c *call, tx *directory.Tx, tags []directory.Tag) {
			if policy, err := c.ownPolicy(tx); err == nil {
				changed := *policy
				changed.Tags = tags
				tx.Policies.Put(policy.Account, policy.Name, &changed)
			}
		},
	}
}

func providerTags() tagged {
	return tagged{
		"OpenIDConnectProvider", providerARN,
		func(c *call, tx *directory.Tx) ([]directory.Tag, error) {
			provider, err := c.provider(tx)
			if err != nil {
				return nil, err
			}
			return provider.Tags, nil
		},
		func(c *call, tx *directory.Tx, tags []directory.Tag) {
			if provider, err := c.provider(tx); err == nil {
				changed := *provider
				changed.Tags = tags
				tx.Providers.Put(provider.Account, provider.URL, &changed)
			}
		},
	}
}

func profileTags() tagged {
	return tagged{
		"InstanceProfile", profileARN,
		func(c *call, tx *directory.Tx) ([]directory.Tag, error) {
			profile, err := c.profile(tx)
			if err != nil {
				return nil, err
			}
			return profile.Tags, nil
		},
		func(c *call, tx *directory.Tx, tags []directory.Tag) {
			if profile, err := c.profile(tx); err == nil {
				changed := *profile
				changed.Tags = tags
				tx.Profiles.Put(profile.Account, profile.Name, &changed)
			}
		},
	}
}

// sameKey compares tag keys.
func sameKey(fold bool) func(a, b string) bool {
	if fold {
		return strings.EqualFold
	}
	return func(a, b string) bool { return a == b }
}
