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
type ring []masterKey

// masterKey is one of them.
type masterKey struct {
	tink.AEAD
	remote bool // a service keeps it
}

// parse reads master keys.
func (c *Config) parse(masterKeys secret.String) (ring, error) {
	texts := strings.FieldsFunc(masterKeys.Reveal(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
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
			keys = append(keys, masterKey{AEAD: remember(key, c.Now), remote: true})
			continue
		}
		key, err := hex.DecodeString(text)
		if err != nil || len(key) != keyBytes {
			return nil, wrongKeys()
		}
		cipher, err := subtle.NewAESGCM(key)
		if err != nil {
			return nil, fmt.Errorf("making a cipher of the master key: %w", err)
		}
		keys = append(keys, masterKey{AEAD: cipher})
	}
	return keys, nil
}

func wrongKeys() error {
	return problem.New(problem.Invalid, "The master key is neither 64 hexadecimal digits nor the address of a key in AWS KMS or Vault, or there are more than %d.", maxMasterKeys).
		WithHint("Make one with: openssl rand -hex 32. An address looks like aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID or hcvault://HOST:8200/transit/keys/NAME.")
}

// Encrypt encrypts under the first key.
func (r ring) Encrypt(plain, associated []byte) ([]byte, error) {
	return r[0].Encrypt(plain, associated)
}

// Decrypt decrypts under the key that fits: those at hand are tried first.
func (r ring) Decrypt(cipher, associated []byte) ([]byte, error) {
	fault := errors.New("no master key fits")
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
				fault = &unreachable{service: "the master key's service", cause: err}
			}
		}
	}
	return nil, fault
}

// ErrNotMine is what a service's key answers for a text that is not under it.
var ErrNotMine = errors.New("it is not under this key")

// unreachable is that a service did not decide.
type unreachable struct {
	service string
	cause   error
}

func (u *unreachable) Error() string { return u.service + ": " + u.cause.Error() }
func (u *unreachable) Unwrap() error { return u.cause }

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
	keys, err := s.ring()
	if err != nil {
		return nil, false, err
	}
	switch _, err := keys[0].Decrypt(wrapped, nil); {
	case err == nil:
		return sealed, false, nil
	case keys[0].remote && !errors.Is(err, ErrNotMine):
		return nil, false, fmt.Errorf("asking the master key's service: %w", err)
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
	return problem.New(problem.Internal, "A sealed secret is damaged, or under a master key that is not there.").
		WithHint("Give the master key it was sealed under after the new one, on a line of its own.")
}
