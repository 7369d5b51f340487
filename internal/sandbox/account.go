package sandbox

import (
	"cmp"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/secret"
)

// openAccounts makes the accounts that are not there yet, and gives all that
// were asked for.
func openAccounts(d *directory.Directory, specs []AccountSpec, now time.Time) ([]Account, error) {
	accounts := make([]Account, 0, len(specs))
	err := d.Update(func(tx *directory.Tx) error {
		for i, spec := range specs {
			account := tx.Accounts.Get(spec.ID, "")
			if account == nil {
				account = newAccount(tx, spec, i, now)
			}
			key := tx.Keys.Get("", account.RootKey)
			accounts = append(accounts, Account{spec.ID, account.Name, key.ID, secret.New(key.Secret)})
		}
		return nil
	})
	return accounts, err
}

func newAccount(tx *directory.Tx, spec AccountSpec, sequence int, now time.Time) *directory.Account {
	key := &directory.AccessKey{
		ID: cmp.Or(spec.RootAccessKeyID, directory.NewKeyID(directory.LongTermKey)), Secret: directory.NewSecret(),
		Account: spec.ID, Active: true, Created: now,
	}
	if !spec.RootSecretAccessKey.IsZero() {
		key.Secret = spec.RootSecretAccessKey.Reveal()
	}
	account := &directory.Account{ID: spec.ID, Name: spec.Name, CanonicalID: spec.CanonicalID, Created: now, RootKey: key.ID, Sequence: sequence}
	tx.Accounts.Put(spec.ID, "", account)
	tx.Keys.Put("", key.ID, key)
	return account
}
