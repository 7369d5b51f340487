package seal

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// maxMasterKeys bounds the keys of a ring: the current one, and those before it
// until everything is wrapped anew.
const maxMasterKeys = 8

// ring encrypts the keys of secrets under the first of the master keys, and
// decrypts them under any.
type ring []tink.AEAD

// parseRing reads master keys of 64 hexadecimal digits, parted by spaces, lines
// or commas.
func parseRing(masterKeys secret.String) (ring, error) {
	texts := strings.FieldsFunc(masterKeys.Reveal(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	if len(texts) == 0 || len(texts) > maxMasterKeys {
		return nil, wrongKeys()
	}
	var keys ring
	for _, text := range texts {
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != keyBytes {
			return nil, wrongKeys()
		}
		cipher, err := subtle.NewAESGCM(key)
		if err != nil {
			return nil, fmt.Errorf("making a cipher of the master key: %w", err)
		}
		keys = append(keys, cipher)
	}
	return keys, nil
}

func wrongKeys() error {
	return problem.New(problem.Invalid, "The master key is not 64 hexadecimal digits, or up to %d such keys.", maxMasterKeys).
		WithHint("Make one with: openssl rand -hex 32")
}

// Encrypt encrypts under the first key.
func (r ring) Encrypt(plain, associated []byte) ([]byte, error) {
	return r[0].Encrypt(plain, associated)
}

// Decrypt decrypts under the key that fits.
func (r ring) Decrypt(cipher, associated []byte) ([]byte, error) {
	for _, key := range r {
		if plain, err := key.Decrypt(cipher, associated); err == nil {
			return plain, nil
		}
	}
	return nil, errors.New("no master key fits")
}

// lengthBytes is the length of what begins Tink's envelope: the length of the
// encrypted key, which follows, before the encrypted secret.
const lengthBytes = 4

// Rewrap gives a sealed secret with its key encrypted under the first master
// key; the secret itself stays as it is. again is false when it was so already.
func (s *Sealer) Rewrap(sealed []byte) (rewrapped []byte, again bool, err error) {
	if len(sealed) < lengthBytes {
		return nil, false, damaged()
	}
	n := binary.BigEndian.Uint32(sealed)
	rest := sealed[lengthBytes:]
	if uint64(n) > uint64(len(rest)) {
		return nil, false, damaged()
	}
	wrapped, secretPart := rest[:n], rest[n:]
	if _, err := s.ring[0].Decrypt(wrapped, nil); err == nil {
		return sealed, false, nil
	}
	key, err := s.ring.Decrypt(wrapped, nil)
	if err != nil {
		return nil, false, damaged()
	}
	if wrapped, err = s.ring.Encrypt(key, nil); err != nil {
		return nil, false, fmt.Errorf("encrypting a secret's key: %w", err)
	}
	rewrapped = binary.BigEndian.AppendUint32(nil, uint32(len(wrapped))) //nolint:gosec // some 100 bytes
	return append(append(rewrapped, wrapped...), secretPart...), true, nil
}

func damaged() error {
	return problem.New(problem.Internal, "A sealed secret is damaged, or under a master key that is not there.").
		WithHint("Give the master key it was sealed under after the new one, on a line of its own.")
}
