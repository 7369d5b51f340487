package kmsapi

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

const maxTags = 50

type tag struct{ TagKey, TagValue string }

func checkTags(tags []tag) error {
	if len(tags) > maxTags {
		return invalid("LimitExceededException", "A key can have %d tags at most.", maxTags)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.TagKey == "" || len(t.TagKey) > 128 || len(t.TagValue) > 256:
			return invalid("TagException", "A tag key has 1 to 128 characters, a value up to 256.")
		case strings.HasPrefix(strings.ToLower(t.TagKey), "aws:"):
			return invalid("TagException", "Tag keys may not begin with aws:")
		case seen[t.TagKey]:
			return invalid("TagException", "Duplicate tag keys")
		}
		seen[t.TagKey] = true
	}
	return nil
}

func rows(tags []tag) []directory.Tag {
	var out []directory.Tag
	for _, t := range tags {
		out = append(out, directory.Tag{Key: t.TagKey, Value: t.TagValue})
	}
	return out
}

// requestTags returns the condition keys of the tags in a request.
func requestTags(tags []tag) []authz.Key {
	var keys []authz.Key
	var names []string
	for _, t := range tags {
		names = append(names, t.TagKey)
		keys = append(keys, authz.K("aws:RequestTag/"+t.TagKey, t.TagValue))
	}
	if len(names) > 0 {
		keys = append(keys, authz.K("aws:TagKeys", names...))
	}
	return keys
}

type tagInput struct {
	KeyID   string `json:"KeyId"`
	Tags    []tag
	TagKeys []string
}

func (c *call) tagResource(in *tagInput) (any, error) {
	key, _, err := c.find(in.KeyID, false)
	if err != nil {
		return nil, err
	}
	if err := c.allow("TagResource", key, requestTags(in.Tags)...); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Tags = directory.SetTags(k.Tags, rows(in.Tags), func(a, b string) bool { return a == b })
		if len(k.Tags) > maxTags {
			return invalid("LimitExceededException", "A key can have %d tags at most.", maxTags)
		}
		return notPending(k)
	})
}

func (c *call) untagResource(in *tagInput) (any, error) {
	key, _, err := c.find(in.KeyID, false)
	if err != nil {
		return nil, err
	}
	if err := c.allow("UntagResource", key, authz.K("aws:TagKeys", in.TagKeys...)); err != nil {
		return nil, err
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Tags = slices.DeleteFunc(k.Tags, func(t directory.Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
		return notPending(k)
	})
}

func (c *call) listResourceTags(in *pageInput) (any, error) {
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	all := make([]tag, 0, len(key.Tags))
	for _, t := range key.Tags {
		all = append(all, tag{t.Key, t.Value})
	}
	items, tail, err := paged(all, in, func(t tag) string { return t.TagKey })
	return struct {
		Tags []tag
		page
	}{items, tail}, err
}
