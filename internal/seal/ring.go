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

// maxMasterKeys limits the keys of a ring: the current one, and older ones
// until all secrets are rewrapped.
const maxMasterKeys = 8

// ring encrypts the keys of secrets under the first master key, and decrypts
// them under any.
type ring []masterKey

type masterKey struct {
	tink.AEAD
	remote bool // it is in a service
}

// parse parses master keys.
func (c *Config) parse(masterKeys secret.String) (ring, error) {
	texts := strings.FieldsFunc(masterKeys.Reveal(), func(r rune) bool { return strings.ContainsRune(", \n\r\t", r) })
	if len(texts) == 0 || len(texts) > maxMasterKeys {
		return nil, wrongKeys()
	}
	var keys ring
	for _, text := range texts {
		if strings.Contains(text, "://") && c.Remote != nil {
			key, err := c.Remote(text)
			if err != nil {
				return nil, err
			}
			keys = append(keys, masterKey{AEAD: cached(key, c.Now), remote: true})
			continue
		}
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != keyBytes {
			return nil, wrongKeys()
		}
		cipher, err := subtle.NewAESGCM(key)
		if err != nil {
			return nil, fmt.Errorf("creating a cipher for the master key: %w", err)
		}
		keys = append(keys, masterKey{AEAD: cipher})
	}
	return keys, nil
}

func wrongKeys() error {
	return problem.New(problem.Invalid,
		"The master key isn't 64 hexadecimal digits or the address of a key in AWS KMS or Vault, or there are more than %d keys.",
		maxMasterKeys).
		WithHint("Generate one with: openssl rand -hex 32. An address looks like aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID " +
			"or hcvault://HOST:8200/transit/keys/NAME.")
}

// Encrypt encrypts with the first key.
func (r ring) Encrypt(plain, associated []byte) ([]byte, error) {
	return r[0].Encrypt(plain, associated)
}

// Decrypt tries all keys, local ones first.
func (r ring) Decrypt(cipher, associated []byte) ([]byte, error) {
	failure := errors.New("no master key matches")
	for _, remote := range []bool{false, true} {
		for _, key := range r {
			if key.remote != remote {
				continue
			}
			plain, err := key.Decrypt(cipher, associated)
			if err == nil {
				return plain, nil
			}
			if remote && !errors.Is(err, ErrNotMine) {
				failure = &unreachable{service: "the master key's service", cause: err}
			}
		}
	}
	return nil, failure
}

// ErrNotMine is the error of a key in a service for data that another key
// encrypted.
var ErrNotMine = errors.New("the data was encrypted with another key")

// unreachable is the error of a service that is unavailable.
type unreachable struct {
	service string
	cause   error
}

func (u *unreachable) Error() string { return u.service + ": " + u.cause.Error() }
func (u *unreachable) Unwrap() error { return u.cause }

// lengthBytes is the size of the first field of Tink's envelope: the length of
// the encrypted key. The encrypted key and the encrypted secret follow.
const lengthBytes = 4

// Rewrap returns a sealed secret with its key encrypted under the first master
// key. again is false if it was already.
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
	keys, err := s.ring()
	if err != nil {
		return nil, false, err
	}
	switch _, err := keys[0].Decrypt(wrapped, nil); {
	case err == nil:
		return sealed, false, nil
	case keys[0].remote && !errors.Is(err, ErrNotMine):
		return nil, false, fmt.Errorf("calling the service of the master key: %w", err)
	}
	key, err := keys.Decrypt(wrapped, nil)
	if err != nil {
		return nil, false, damaged()
	}
	if wrapped, err = keys.Encrypt(key, nil); err != nil {
		return nil, false, fmt.Errorf("encrypting a secret's key: %w", err)
	}
	rewrapped = binary.BigEndian.AppendUint32(nil, uint32(len(wrapped))) //nolint:gosec // some 100 bytes
	return append(append(rewrapped, wrapped...), secretPart...), true, nil
}

func damaged() error {
	return problem.New(problem.Internal, "A secret is damaged, or its master key is missing.").
		WithHint("Add the master key that encrypted it after the new one, on a separate line.")
}
