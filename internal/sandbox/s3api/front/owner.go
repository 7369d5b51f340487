package front

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// OwnerXML is an account in a document, identified by its canonical user ID.
type OwnerXML struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

// CanonicalID returns an account's canonical user ID.
func (c *Call) CanonicalID(account string) string {
	id := CanonicalOf(&directory.Account{ID: account})
	_ = c.Config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		if of := tx.Accounts.Get(account, ""); of != nil {
			id = CanonicalOf(of)
		}
		return nil
	})
	return id
}

// CanonicalOf returns the canonical user ID of an account.
func CanonicalOf(account *directory.Account) string {
	if account.CanonicalID != "" {
		return account.CanonicalID
	}
	sum := sha256.Sum256([]byte("canonical user ID of " + account.ID))
	return hex.EncodeToString(sum[:])
}
