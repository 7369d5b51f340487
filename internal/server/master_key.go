package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/seal/awskms"
	"github.com/windlass-io/windlass/internal/seal/vault"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
)

// openSealer returns the sealer. Its master keys are in the settings, or in
// the file next to the state, which is read at each use.
func openSealer(cfg *Config) (*seal.Sealer, error) {
	settings := &cfg.Settings
	keys := func() (secret.String, error) { return seal.MasterKey(settings.MasterKeyFile()) }
	if given := settings.MasterKeySecret(); !given.IsZero() {
		keys = func() (secret.String, error) { return given, nil }
	}
	return seal.Open(seal.Config{Keys: keys, Remote: cfg.remoteKey, Now: cfg.Now})
}

// openState opens the state for a command that may run next to the service.
func openState(ctx context.Context, settings *config.Config) (*store.Store, error) {
	return store.Open(ctx, store.Config{DSN: settings.Database, Refuse: settings.KeepsSchema()})
}

// remoteKey reaches a master key that a service keeps.
func (c *Config) remoteKey(address string) (tink.AEAD, error) {
	switch {
	case strings.HasPrefix(address, awskms.Prefix):
		return awskms.Open(address, awskms.Config{Credentials: c.AWS, Endpoint: c.Settings.AWSEndpoint})
	case strings.HasPrefix(address, vault.Prefix), strings.HasPrefix(address, vault.PlainPrefix):
		return vault.Open(address, vault.Config{Token: vaultToken(&c.Settings)})
	}
	scheme, _, _ := strings.Cut(address, "://")
	return nil, problem.New(problem.Invalid, "Unknown kind of master key address: %s://.", scheme).
		WithHint("Use %s for AWS KMS, or %s for Vault.", awskms.Prefix, vault.Prefix)
}

func vaultToken(settings *config.Config) func() (secret.String, error) {
	return func() (secret.String, error) {
		if settings.VaultTokenFile != "" {
			text, err := os.ReadFile(settings.VaultTokenFile)
			if err != nil {
				return secret.String{}, fmt.Errorf("reading the token for Vault: %w", err)
			}
			return secret.New(strings.TrimSpace(string(text))), nil
		}
		if given := settings.VaultTokenSecret(); !given.IsZero() {
			return given, nil
		}
		return secret.String{}, problem.New(problem.Invalid,
			"The master key is in Vault, but the Vault token is missing.").
			WithHint("Set WINDLASS_VAULT_TOKEN_FILE, or WINDLASS_VAULT_TOKEN.")
	}
}

// RotateMasterKey adds another master key as the first one, and wraps every
// secret's key with it. The service may be running, because the old keys still
// work. If the address is empty, it generates a key; otherwise the address is
// that of a key in AWS KMS or Vault. If the master key is in the settings,
// change it there; RotateMasterKey then only wraps the keys. It returns the
// number of secrets.
func RotateMasterKey(ctx context.Context, cfg Config, address string) (int, error) {
	given := !cfg.Settings.MasterKeySecret().IsZero()
	if given && address != "" {
		return 0, problem.New(problem.Conflict, "The master key is in the settings, so this command can't change it.").
			WithHint("Put the new key before the old one in WINDLASS_MASTER_KEY, restart the service, and run this " +
				"command without an address.")
	}
	if !given {
		key := seal.NewKey()
		if address != "" {
			if err := tryKey(&cfg, address); err != nil {
				return 0, err
			}
			key = secret.New(address)
		}
		if err := seal.PutFirst(cfg.Settings.MasterKeyFile(), key); err != nil {
			return 0, err
		}
	}
	return rewrapAll(ctx, &cfg)
}

// FinishMasterKey removes the old master keys from the file, once no secret
// uses them. It returns their number.
func FinishMasterKey(ctx context.Context, cfg Config) (int, error) {
	if !cfg.Settings.MasterKeySecret().IsZero() {
		return 0, problem.New(problem.Conflict, "The master key is in the settings, so this command can't remove "+
			"the old one.").
			WithHint("Remove it from WINDLASS_MASTER_KEY and restart the service.")
	}
	if _, err := rewrapAll(ctx, &cfg); err != nil {
		return 0, err
	}
	return seal.KeepFirst(cfg.Settings.MasterKeyFile())
}

// tryKey checks that a service's key encrypts and decrypts before anything
// depends on it.
func tryKey(cfg *Config, address string) error {
	key, err := cfg.remoteKey(address)
	if err != nil {
		return err
	}
	const text = "windlass tries a master key"
	cipher, err := key.Encrypt([]byte(text), nil)
	if err == nil {
		var plain []byte
		if plain, err = key.Decrypt(cipher, nil); err == nil && string(plain) != text {
			err = errors.New("decrypting returned a different text")
		}
	}
	if err != nil {
		return problem.Wrap(err, problem.Refused, "The master key %s can't be used: %s.", address,
			strings.TrimSuffix(err.Error(), ".")).
			WithHint("Windlass's own identity, or its token for Vault, must be allowed to encrypt and to decrypt with it.")
	}
	return nil
}

// rewrapAll wraps every secret's key with the first master key.
func rewrapAll(ctx context.Context, cfg *Config) (wrapped int, err error) {
	state, err := openState(ctx, &cfg.Settings)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	sealer, err := openSealer(cfg)
	if err != nil {
		return 0, err
	}
	keys := credential.New(credential.Config{
		Checker: access.NewChecker(audit.NewRecorder(state), cfg.Now), Store: state, Sealer: sealer, Now: cfg.Now,
	})
	if wrapped, err = keys.Rewrap(ctx, setup); err != nil {
		return wrapped, err
	}
	notifications := notification.New(notification.Config{
		Checker: access.NewChecker(audit.NewRecorder(state), cfg.Now), Store: state, Sealer: sealer, Now: cfg.Now,
	})
	n, err := notifications.Rewrap(ctx, setup)
	if wrapped += n; err != nil {
		return wrapped, err
	}
	check := &keyCheck{store: state, sealer: sealer, now: cfg.Now}
	return wrapped, check.renew(ctx)
}
