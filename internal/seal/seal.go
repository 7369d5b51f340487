// Package seal encrypts secrets at rest with envelope encryption by Tink: each
// secret has its own key, which is encrypted under the master key. The master
// key isn't in the database.
//
// A master key is 64 hexadecimal digits, or the address of a key in AWS KMS
// (package awskms) or Vault's transit engine (package vault). There can be
// several master keys: the first one encrypts, and all decrypt. So keys can be
// rotated without downtime.
package seal

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// keyBytes is the length of the master key: AES-256.
const keyBytes = 32

// Config configures a [Sealer].
type Config struct {
	// Keys returns the current master keys, separated by spaces, lines or commas.
	// It is called at each use, so a new first key takes effect immediately.
	// Required.
	Keys func() (secret.String, error)
	// Remote opens a master key at an address. If the address is unknown, the
	// error is a problem with code invalid. Optional.
	Remote func(address string) (tink.AEAD, error)
	// Now returns the current time, which limits how long keys that a service
	// decrypted are cached. Without it, there is no cache. Optional.
	Now func() time.Time
}

// Sealer encrypts and decrypts secrets. It is safe for concurrent use.
type Sealer struct {
	config Config

	mu   sync.Mutex
	text secret.String // that keys was parsed from
	keys ring
}

// New returns a Sealer with master keys of 64 hexadecimal digits each.
func New(masterKeys secret.String) (*Sealer, error) {
	return Open(Config{Keys: func() (secret.String, error) { return masterKeys, nil }})
}

// Open returns a Sealer. It sends no request.
func Open(config Config) (*Sealer, error) {
	s := &Sealer{config: config}
	_, err := s.ring()
	return s, err
}

// ring returns the current master keys.
func (s *Sealer) ring() (ring, error) {
	text, err := s.config.Keys()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys != nil && text.Equal(s.text) {
		return s.keys, nil
	}
	keys, err := s.config.parse(text)
	if err != nil {
		return nil, err
	}
	s.text, s.keys = text, keys
	return keys, nil
}

// Seal encrypts a secret for its owner, such as "credential/cred_…". It can
// only be decrypted for the same owner.
func (s *Sealer) Seal(plain secret.String, owner string) ([]byte, error) {
	keys, err := s.ring()
	if err != nil {
		return nil, err
	}
	sealed, err := envelope(keys).Encrypt([]byte(plain.Reveal()), []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("sealing a secret of %s: %w", owner, err)
	}
	return sealed, nil
}

// Open decrypts the result of Seal. It returns an error if the data was
// changed, or belongs to another owner or another master key.
func (s *Sealer) Open(sealed []byte, owner string) (secret.String, error) {
	keys, err := s.ring()
	if err != nil {
		return secret.String{}, err
	}
	plain, err := envelope(keys).Decrypt(sealed, []byte(owner))
	var away *unreachable
	switch {
	case errors.As(err, &away):
		return secret.String{}, problem.Wrap(err, problem.Unavailable,
			"The secret of %s can't be decrypted, because the service of the master key is unavailable.", owner).
			WithHint("Try again in a moment. The operator of this Windlass should check %s.", away.service)
	case err != nil:
		return secret.String{}, problem.Wrap(errors.New("decryption failed"), problem.Internal,
			"The secret of %s can't be decrypted.", owner).
			WithHint("The master key has changed since the secret was encrypted, or the record is damaged.")
	}
	return secret.New(string(plain)), nil
}

func envelope(keys ring) *aead.KMSEnvelopeAEAD {
	return aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), keys)
}
