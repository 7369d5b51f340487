package kmsapi

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The properties of all keys in the sandbox.
const (
	keySpec   = "SYMMETRIC_DEFAULT"
	keyUsage  = "ENCRYPT_DECRYPT"
	keyOrigin = "AWS_KMS"
)

const maxDescriptionLength = 8192

type createKeyInput struct {
	Policy                         string
	Description                    string
	KeyUsage, KeySpec              string
	CustomerMasterKeySpec          string
	Origin                         string
	BypassPolicyLockoutSafetyCheck bool
	MultiRegion                    bool
	Tags                           []tag
}

// metadata describes a key as KMS does.
type metadata struct {
	AWSAccountID          string `json:"AWSAccountId"`
	KeyID                 string `json:"KeyId"`
	Arn                   string
	CreationDate          float64
	Enabled               bool
	Description           string
	KeyUsage              string
	KeyState              string
	DeletionDate          float64 `json:",omitempty"`
	Origin                string
	KeyManager            string
	CustomerMasterKeySpec string
	KeySpec               string
	EncryptionAlgorithms  []string
	MultiRegion           bool
}

func show(k *directory.MasterKey) metadata {
	m := metadata{
		AWSAccountID:          k.Account,
		KeyID:                 k.ID,
		Arn:                   k.ARN(),
		CreationDate:          epoch(k.Created),
		Enabled:               k.Usable(),
		Description:           k.Description,
		KeyUsage:              keyUsage,
		KeyState:              "Enabled",
		Origin:                keyOrigin,
		KeyManager:            k.Manager,
		CustomerMasterKeySpec: keySpec,
		KeySpec:               keySpec,
		EncryptionAlgorithms:  []string{keySpec},
	}
	switch {
	case !k.Deletion.IsZero():
		m.KeyState, m.DeletionDate = "PendingDeletion", epoch(k.Deletion)
	case k.Disabled:
		m.KeyState = "Disabled"
	}
	return m
}

// epoch returns a time as in AWS's JSON: seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

type keyResult struct{ KeyMetadata metadata }

func (c *call) createKey(in *createKeyInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	keys := append(
		requestTags(in.Tags),
		authz.K("kms:KeySpec", keySpec),
		authz.K("kms:KeyUsage", keyUsage),
		authz.K("kms:KeyOrigin", keyOrigin),
		authz.K(
			"kms:MultiRegion",
			"false",
		),
		authz.K("kms:BypassPolicyLockoutSafetyCheck", text(in.BypassPolicyLockoutSafetyCheck)),
	)
	if err := c.allowOn("CreateKey", "*", keys...); err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		if err := c.allowOn("TagResource", "*", requestTags(in.Tags)...); err != nil {
			return nil, err
		}
	}
	if in.Policy == "" {
		in.Policy = defaultPolicy(c.Caller.Account)
	}
	key := &directory.MasterKey{
		Account: c.Caller.Account, Region: c.Region, ID: newKeyID(), Description: in.Description, Created: c.now,
		Manager: "CUSTOMER", Tags: rows(in.Tags), Material: random(32),
	}
	var err error
	if key.Policy, key.Principals, err = c.readPolicy(in.Policy); err != nil {
		return nil, err
	}
	if err := c.checkLockout(key, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	err = c.api.config.Directory.Update(func(tx *directory.Tx) error {
		tx.MasterKeys.Put(key.Account, key.Region+"/"+key.ID, key)
		return nil
	})
	return keyResult{show(key)}, err
}

func (in *createKeyInput) check() error {
	spec := in.KeySpec
	if spec == "" {
		spec = in.CustomerMasterKeySpec
	}
	switch {
	case spec != "" && spec != keySpec,
		in.KeyUsage != "" && in.KeyUsage != keyUsage,
		in.Origin != "" && in.Origin != keyOrigin,
		in.MultiRegion:
		return invalid(
			"UnsupportedOperationException",
			"The sandbox only supports symmetric single-Region keys for encryption.",
		)
	case len(in.Description) > maxDescriptionLength:
		return tooLong("description", maxDescriptionLength)
	}
	return checkTags(in.Tags)
}

func newKeyID() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func text(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

type keyInput struct {
	KeyID string `json:"KeyId"`
}

func (c *call) describeKey(in *keyInput) (any, error) {
	key, keys, err := c.find(in.KeyID, true)
	if err != nil {
		return nil, err
	}
	if err := c.allow("DescribeKey", key, keys...); err != nil {
		return nil, err
	}
	return keyResult{show(key)}, nil
}

type listedKey struct {
	KeyID  string `json:"KeyId"`
	KeyArn string
}

func (c *call) listKeys(in *pageInput) (any, error) {
	if err := c.allowOn("ListKeys", "*"); err != nil {
		return nil, err
	}
	var all []listedKey
	_ = c.api.config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		for key := range tx.MasterKeys.All(c.Caller.Account) {
			if key.Region == c.Region {
				all = append(all, listedKey{key.ID, key.ARN()})
			}
		}
		return nil
	})
	items, tail, err := paged(all, in, func(k listedKey) string { return k.KeyID })
	return struct {
		Keys []listedKey
		page
	}{items, tail}, err
}

func (c *call) enableKey(in *keyInput) (any, error)  { return c.setDisabled(in, false) }
func (c *call) disableKey(in *keyInput) (any, error) { return c.setDisabled(in, true) }

func (c *call) setDisabled(in *keyInput, disabled bool) (any, error) {
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Disabled = disabled
		return notPending(k)
	})
}

func notPending(k *directory.MasterKey) error {
	if !k.Deletion.IsZero() {
		return invalid("KMSInvalidStateException", "%s is pending deletion.", k.ARN())
	}
	return nil
}

type descriptionInput struct {
	KeyID       string `json:"KeyId"`
	Description string
}

func (c *call) updateKeyDescription(in *descriptionInput) (any, error) {
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	if len(in.Description) > maxDescriptionLength {
		return nil, tooLong("description", maxDescriptionLength)
	}
	return nil, c.change(key, func(k *directory.MasterKey) error {
		k.Description = in.Description
		return notPending(k)
	})
}

type deletionInput struct {
	KeyID               string `json:"KeyId"`
	PendingWindowInDays *int
}

type deletionResult struct {
	KeyID               string  `json:"KeyId"`
	DeletionDate        float64 `json:",omitempty"`
	KeyState            string  `json:",omitempty"`
	PendingWindowInDays int     `json:",omitempty"`
}

// scheduleKeyDeletion disables a key; the sandbox never deletes it.
func (c *call) scheduleKeyDeletion(in *deletionInput) (any, error) {
	days := 30
	if in.PendingWindowInDays != nil {
		days = *in.PendingWindowInDays
	}
	if days < 7 || days > 30 {
		return nil, invalid(
			"ValidationException",
			"1 validation error detected: Value '%d' at 'pendingWindowInDays' failed to satisfy constraint: Member "+
				"must have value between 7 and 30",
			days,
		)
	}
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	at := c.now.AddDate(0, 0, days)
	err = c.change(key, func(k *directory.MasterKey) error {
		defer func() { k.Deletion = at }()
		return notPending(k)
	})
	return deletionResult{key.ARN(), epoch(at), "PendingDeletion", days}, err
}

func (c *call) cancelKeyDeletion(in *keyInput) (any, error) {
	key, err := c.own(in.KeyID)
	if err != nil {
		return nil, err
	}
	err = c.change(key, func(k *directory.MasterKey) error {
		if k.Deletion.IsZero() {
			return invalid("KMSInvalidStateException", "%s is not pending deletion.", k.ARN())
		}
		k.Deletion, k.Disabled = time.Time{}, true
		return nil
	})
	return deletionResult{KeyID: key.ARN()}, err
}

func (c *call) getKeyRotationStatus(in *keyInput) (any, error) {
	if _, err := c.own(in.KeyID); err != nil {
		return nil, err
	}
	return struct{ KeyRotationEnabled bool }{false}, nil
}
