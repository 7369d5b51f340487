package kmsapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

type aliasInput struct {
	AliasName   string
	TargetKeyID string `json:"TargetKeyId"`
}

var aliasPattern = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]+$`)

func (in *aliasInput) check() error {
	switch {
	case in.AliasName == "":
		return missing("aliasName")
	case len(in.AliasName) > 256:
		return tooLong("aliasName", 256)
	case !aliasPattern.MatchString(in.AliasName):
		return invalid(
			"ValidationException",
			"1 validation error detected: Value '%s' at 'aliasName' failed to satisfy constraint: Member must "+
				"satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$",
			cut(in.AliasName),
		)
	case strings.HasPrefix(in.AliasName, "alias/aws/"):
		return invalid("NotAuthorizedException", "")
	}
	return nil
}

func (c *call) aliasARN(name string) string {
	return "arn:aws:kms:" + c.Region + ":" + c.Caller.Account + ":" + name
}

// aliased returns the key that has an alias, or nil.
func (c *call) aliased(name string) *directory.MasterKey {
	var key *directory.MasterKey
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		key = tx.MasterKey(c.Caller.Account, c.Region, name)
		return nil
	})
	return key
}

// allowAlias decides an action on an alias and its keys.
func (c *call) allowAlias(name string, keys ...*directory.MasterKey) error {
	if err := c.allowOn(c.Action, c.aliasARN(name)); err != nil {
		return err
	}
	for _, key := range keys {
		if err := c.allow(c.Action, key); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) createAlias(in *aliasInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	key, _, err := c.find(in.TargetKeyID, false)
	if err != nil {
		return nil, err
	}
	if err := c.allowAlias(in.AliasName, key); err != nil {
		return nil, err
	}
	if c.aliased(in.AliasName) != nil {
		return nil, awserror.New(
			http.StatusBadRequest,
			"AlreadyExistsException",
			"An alias with the name %s already exists",
			c.aliasARN(in.AliasName),
		)
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Aliases = append(k.Aliases, in.AliasName)
		return notPending(k)
	})
}

func (c *call) updateAlias(in *aliasInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	before := c.aliased(in.AliasName)
	if before == nil {
		return nil, notFound("Alias %s is not found.", c.aliasARN(in.AliasName))
	}
	key, _, err := c.find(in.TargetKeyID, false)
	if err != nil {
		return nil, err
	}
	if err := c.allowAlias(in.AliasName, before, key); err != nil {
		return nil, err
	}
	if err := c.change(before, withoutAlias(in.AliasName)); err != nil {
		return nil, err
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Aliases = append(k.Aliases, in.AliasName)
		return nil
	})
}

func withoutAlias(name string) func(*directory.MasterKey) error {
	return func(k *directory.MasterKey) error {
		k.Aliases = slices.DeleteFunc(k.Aliases, func(have string) bool { return have == name })
		return nil
	}
}

func (c *call) deleteAlias(in *aliasInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	key := c.aliased(in.AliasName)
	if key == nil {
		return nil, notFound("Alias %s is not found.", c.aliasARN(in.AliasName))
	}
	if err := c.allowAlias(in.AliasName, key); err != nil {
		return nil, err
	}
	return nil, c.change(key, withoutAlias(in.AliasName))
}

type listedAlias struct {
	AliasName    string
	AliasArn     string
	TargetKeyID  string `json:"TargetKeyId"`
	CreationDate float64
}

func (c *call) listAliases(in *pageInput) (any, error) {
	if in.KeyID != "" {
		key, err := c.own(in.KeyID)
		if err != nil {
			return nil, err
		}
		in.KeyID = key.ID
	} else if err := c.allowOn("ListAliases", "*"); err != nil {
		return nil, err
	}
	var all []listedAlias
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		for key := range tx.MasterKeys.All(c.Caller.Account) {
			if key.Region != c.Region || in.KeyID != "" && key.ID != in.KeyID {
				continue
			}
			for _, name := range key.Aliases {
				all = append(all, listedAlias{name, c.aliasARN(name), key.ID, epoch(key.Created)})
			}
		}
		return nil
	})
	items, tail, err := paged(all, in, func(a listedAlias) string { return a.AliasName })
	return struct {
		Aliases []listedAlias
		page
	}{items, tail}, err
}
