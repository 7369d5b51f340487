// Package seal keeps secrets at rest: each is encrypted under a key of its
// own, which is encrypted under the master key, which is not in the database
// (envelope encryption, by Tink).
package seal

import (
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// keyBytes is the length of the master key: AES-256.
const keyBytes = 32

// Sealer seals and opens. It may be used from many goroutines at once.
type Sealer struct {
	ring     ring
	envelope *aead.KMSEnvelopeAEAD
}

// New makes a Sealer under a master key of 64 hexadecimal digits. Several keys,
// parted by spaces, lines or commas, all open; the first one seals.
func New(masterKey secret.String) (*Sealer, error) {
	keys, err := parseRing(masterKey)
	if err != nil {
		return nil, err
	}
	return &Sealer{keys, aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), keys)}, nil
}

// Seal encrypts a secret for its owner, such as "credential/cred_…": it opens
// for no other.
func (s *Sealer) Seal(plain secret.String, owner string) ([]byte, error) {
	sealed, err := s.envelope.Encrypt([]byte(plain.Reveal()), []byte(owner))
	if err != nil {
		return nil, fmt.Errorf("sealing a secret of %s: %w", owner, err)
	}
	return sealed, nil
}

// Open decrypts what Seal made. Text that was changed, of another owner or
// under another master key does not open.
func (s *Sealer) Open(sealed []byte, owner string) (secret.String, error) {
	plain, err := s.envelope.Decrypt(sealed, []byte(owner))
	if err != nil {
		return secret.String{}, problem.Wrap(errors.New("it does not open"), problem.Internal, "A sealed secret of %s cannot be opened.", owner).
			WithHint("The master key is another than the one it was sealed under, or the record was changed.")
	}
	return secret.New(string(plain)), nil
}
