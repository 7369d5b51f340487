package iamapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// keyUser returns the user whose keys a call concerns. Root keys are created
// with the account and can't be changed through this API.
func (c *call) keyUser(tx *directory.Tx) (string, error) {
	user, err := c.user(tx)
	if err != nil {
		return "", err
	}
	return user.Name, nil
}

// userKeys returns a user's keys, oldest first.
func userKeys(tx *directory.Tx, account, user string) []*directory.AccessKey {
	var keys []*directory.AccessKey
	for key := range tx.Keys.All("") {
		if key.Account == account && strings.EqualFold(key.User, user) {
			keys = append(keys, key)
		}
	}
	slices.SortStableFunc(keys, func(a, b *directory.AccessKey) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return keys
}

func status(active bool) string {
	if active {
		return "Active"
	}
	return "Inactive"
}

func createAccessKey(c *call, tx *directory.Tx) (any, error) {
	user, err := c.keyUser(tx)
	if err != nil {
		return nil, err
	}
	if len(userKeys(tx, c.Caller.Account, user)) >= maxKeysPerUser {
		return nil, quota("AccessKeysPerUser", maxKeysPerUser)
	}
	key := &directory.AccessKey{
		ID: directory.NewKeyID(directory.LongTermKey), Secret: directory.NewSecret(),
		Account: c.Caller.Account, User: user, Active: true, Created: c.now,
	}
	tx.Keys.Put("", key.ID, key)
	return struct{ AccessKey keyXML }{keyXML{user, key.ID, status(true), key.Secret, query.Time(key.Created)}}, nil
}

// accessKey returns the key in a call.
func (c *call) accessKey(tx *directory.Tx) (*directory.AccessKey, error) {
	user, err := c.keyUser(tx)
	if err != nil {
		return nil, err
	}
	id := c.Params.Get("AccessKeyId")
	key := tx.Keys.Get("", id)
	if key == nil || key.ID != id || key.Account != c.Caller.Account || !strings.EqualFold(key.User, user) {
		return nil, noSuchEntity("The Access Key with id %s cannot be found", cut(id))
	}
	return key, nil
}

func updateAccessKey(c *call, tx *directory.Tx) (any, error) {
	key, err := c.accessKey(tx)
	if err != nil {
		return nil, err
	}
	changed := *key
	changed.Active = c.Params.Get("Status") == "Active"
	tx.Keys.Put("", key.ID, &changed)
	return nil, nil
}

func deleteAccessKey(c *call, tx *directory.Tx) (any, error) {
	key, err := c.accessKey(tx)
	if err != nil {
		return nil, err
	}
	tx.Keys.Delete("", key.ID)
	return nil, nil
}

type keysResult struct {
	UserName          string `xml:",omitempty"`
	AccessKeyMetadata struct {
		Members []keyXML `xml:"member"`
	}
	page
}

func listAccessKeys(c *call, tx *directory.Tx) (any, error) {
	user, err := c.keyUser(tx)
	if err != nil {
		return nil, err
	}
	keys, tail, err := paged(
		c,
		slices.Values(userKeys(tx, c.Caller.Account, user)),
		func(k *directory.AccessKey) string { return query.Time(k.Created) + k.ID },
	)
	result := keysResult{UserName: user, page: tail}
	for _, key := range keys {
		result.AccessKeyMetadata.Members = append(
			result.AccessKeyMetadata.Members,
			keyXML{user, key.ID, status(key.Active), "", query.Time(key.Created)},
		)
	}
	return result, err
}

type lastUsedXML struct {
	ServiceName string
	Region      string
}

func getAccessKeyLastUsed(c *call, tx *directory.Tx) (any, error) {
	id := c.Params.Get("AccessKeyId")
	key := tx.Keys.Get("", id)
	if key == nil || key.Account != c.Caller.Account {
		return nil, noSuchEntity("The Access Key with id %s cannot be found", cut(id))
	}
	return struct {
		UserName          string
		AccessKeyLastUsed lastUsedXML
	}{key.User, lastUsedXML{"N/A", "N/A"}}, nil
}
