// Package seal keeps secrets at rest: each is encrypted under a key of its
// own, which is encrypted under the master key, which is not in the database
// (envelope encryption, by Tink).
//
// A master key is 64 hexadecimal digits, or the address of one that never
// leaves its service: AWS KMS (package awskms) or Vault's transit engine
// (package vault). Several master keys all open; the first one seals, so that
// one takes another's place without a gap.
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

// Config is what a [Sealer] needs.
type Config struct {
	// Keys gives the master keys as they are now, parted by spaces, lines or
	// commas. It is called at each use, so that a key that is put first seals
	// from then on. Required.
	Keys func() (secret.String, error)
	// Remote reaches a master key that is kept by a service, by its address. A
	// text that it does not know is a problem of code invalid. Optional.
	Remote func(address string) (tink.AEAD, error)
	// Now is the clock by which what a service decrypted is forgotten. Without
	// it nothing is remembered. Optional.
	Now func() time.Time
}

// Sealer seals and opens. It may be used from many goroutines at once.
type Sealer struct {
	config Config

	mu   sync.Mutex
	text secret.String // that keys was read from
	keys ring
}

// New makes a Sealer under master keys of 64 hexadecimal digits each.
func New(masterKeys secret.String) (*Sealer, error) {
	return Open(Config{Keys: func() (secret.String, error) { return masterKeys, nil }})
}

// Open makes a Sealer. It asks no service yet.
func Open(config Config) (*Sealer, error) {
	s := &Sealer{config: config}
	_, err := s.ring()
	return s, err
}

// ring gives the master keys as they are now.
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

// Seal encrypts a secret for its owner, such as "credential/cred_…": it opens
// for no other.
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

// Open decrypts what Seal made. Text that was changed, of another owner or
// under another master key does not open.
func (s *Sealer) Open(sealed []byte, owner string) (secret.String, error) {
	keys, err := s.ring()
	if err != nil {
		return secret.String{}, err
	}
	plain, err := envelope(keys).Decrypt(sealed, []byte(owner))
	var away *unreachable
	switch {
	case errors.As(err, &away):
		return secret.String{}, problem.Wrap(err, problem.Unavailable, "The master key's service did not answer, so a sealed secret of %s cannot be opened now.", owner).
			WithHint("Try again in a moment; whoever runs this Windlass should look at %s.", away.service)
	case err != nil:
		return secret.String{}, problem.Wrap(errors.New("it does not open"), problem.Internal, "A sealed secret of %s cannot be opened.", owner).
			WithHint("The master key is another than the one it was sealed under, or the record was changed.")
	}
	return secret.New(string(plain)), nil
}

func envelope(keys ring) *aead.KMSEnvelopeAEAD {
	return aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), keys)
}
