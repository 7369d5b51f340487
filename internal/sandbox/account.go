package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/secret"
)

// openAccounts creates the accounts that don't exist yet and returns all
// requested accounts.
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

// AddAccount creates an account. The sandbox generates the fields that spec
// leaves empty. An existing account and a root key that is already in use are
// errors.
func (s *Sandbox) AddAccount(spec AccountSpec) (Account, error) {
	if len(spec.ID) != 12 || spec.Name == "" {
		return Account{}, fmt.Errorf("account %q (%q): specify an ID of 12 digits and a name", spec.ID, spec.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var made Account
	err := s.directory.Update(func(tx *directory.Tx) error {
		if tx.Accounts.Get(spec.ID, "") != nil {
			return fmt.Errorf("account %s already exists", spec.ID)
		}
		if spec.RootAccessKeyID != "" && tx.Keys.Get("", spec.RootAccessKeyID) != nil {
			return fmt.Errorf("access key %s is already in use", spec.RootAccessKeyID)
		}
		account := newAccount(tx, spec, len(s.accounts), s.config.Now().UTC())
		made = Account{spec.ID, account.Name, account.RootKey, secret.New(tx.Keys.Get("", account.RootKey).Secret)}
		return nil
	})
	if err == nil {
		s.accounts = append(s.accounts, made)
	}
	return made, err
}

// AddAccessKey creates an access key with an ID and secret chosen by the caller,
// for software whose keys are fixed. IAM's own CreateAccessKey generates them.
func (s *Sandbox) AddAccessKey(accountID, user, keyID string, key secret.String) error {
	return s.directory.Update(func(tx *directory.Tx) error {
		switch {
		case keyID == "" || key.IsZero():
			return errors.New("an access key needs an ID and a secret")
		case tx.Users.Get(accountID, user) == nil:
			return fmt.Errorf("account %s has no user %s", accountID, user)
		case tx.Keys.Get("", keyID) != nil:
			return fmt.Errorf("access key %s is already in use", keyID)
		}
		tx.Keys.Put(
			"",
			keyID,
			&directory.AccessKey{
				ID:      keyID,
				Secret:  key.Reveal(),
				Account: accountID,
				User:    user,
				Active:  true,
				Created: s.config.Now().UTC(),
			},
		)
		return nil
	})
}

func newAccount(tx *directory.Tx, spec AccountSpec, sequence int, now time.Time) *directory.Account {
	key := &directory.AccessKey{
		ID: cmp.Or(spec.RootAccessKeyID, directory.NewKeyID(directory.LongTermKey)), Secret: directory.NewSecret(),
		Account: spec.ID, Active: true, Created: now,
	}
	if !spec.RootSecretAccessKey.IsZero() {
		key.Secret = spec.RootSecretAccessKey.Reveal()
	}
	account := &directory.Account{
		ID:          spec.ID,
		Name:        spec.Name,
		CanonicalID: spec.CanonicalID,
		Created:     now,
		RootKey:     key.ID,
		Sequence:    sequence,
	}
	tx.Accounts.Put(spec.ID, "", account)
	tx.Keys.Put("", key.ID, key)
	return account
}
