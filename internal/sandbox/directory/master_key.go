package directory

import (
	"strings"
	"time"
)

// MasterKey is a KMS key.
type MasterKey struct {
	Account     string
	Region      string
	ID          string // a UUID
	Description string
	Policy      *Document
	Principals  Principals // the principals of the policy when it was set
	Created     time.Time
	Disabled    bool
	Deletion    time.Time `json:",omitzero"` // when it will be deleted, once deletion is scheduled
	Manager     string    // "CUSTOMER", or "AWS" for an account's aws/s3 key
	Aliases     []string  // with "alias/"
	Tags        []Tag
	Material    []byte // valid in the sandbox only; 32 bytes
}

// ARN returns the key's ARN.
func (k *MasterKey) ARN() string {
	return "arn:aws:kms:" + k.Region + ":" + k.Account + ":key/" + k.ID
}

// Usable reports whether the key is enabled and not pending deletion.
func (k *MasterKey) Usable() bool { return !k.Disabled && k.Deletion.IsZero() }

// MasterKey returns a key by its ARN, its ID, or an alias's ARN or name. The
// last three are looked up in an account and a region.
func (tx *Tx) MasterKey(account, region, name string) *MasterKey {
	if rest, ok := strings.CutPrefix(name, "arn:aws:kms:"); ok {
		parts := strings.SplitN(rest, ":", 3)
		if len(parts) != 3 {
			return nil
		}
		region, account, name = parts[0], parts[1], strings.TrimPrefix(parts[2], "key/")
	}
	if !strings.HasPrefix(name, "alias/") {
		key := tx.MasterKeys.Get(account, region+"/"+name)
		return key
	}
	for key := range tx.MasterKeys.All(account) {
		for _, alias := range key.Aliases {
			if key.Region == region && alias == name {
				return key
			}
		}
	}
	return nil
}
