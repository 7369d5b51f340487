package kmsapi

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// sealedVersion is the first byte of every ciphertext. It is followed by the
// length of the key's ARN in one byte, the ARN, and the nonce and output of
// AES-256-GCM. The encryption context is authenticated data.
const sealedVersion = 1

func seal(key *directory.MasterKey, plain []byte, context map[string]string) ([]byte, error) {
	aead, err := aeadOf(key)
	if err != nil {
		return nil, err
	}
	arn := key.ARN()
	// A key's ARN has 69 bytes and its region, which has at most 32.
	blob := append([]byte{sealedVersion, byte(len(arn))}, arn...) //nolint:gosec // see above
	return aead.Seal(blob, nil, plain, encode(context)), nil      //nolint:gosec // this AEAD generates its own random nonce
}

// sealedBy returns the ARN of a ciphertext's key.
func sealedBy(blob []byte) (arn string, ok bool) {
	if len(blob) < 2 || blob[0] != sealedVersion || len(blob) < 2+int(blob[1]) {
		return "", false
	}
	return string(blob[2 : 2+int(blob[1])]), true
}

func unseal(key *directory.MasterKey, blob []byte, context map[string]string) ([]byte, error) {
	aead, err := aeadOf(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, blob[2+len(key.ARN()):], encode(context))
	if err != nil {
		return nil, invalidCiphertext()
	}
	return plain, nil
}

func aeadOf(key *directory.MasterKey) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key.Material)
	if err != nil {
		return nil, fmt.Errorf("using key %s: %w", key.ID, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("using key %s: %w", key.ID, err)
	}
	return aead, nil
}

// encode returns an unambiguous encoding of an encryption context.
func encode(context map[string]string) []byte {
	var out []byte
	for _, name := range directory.SortedNames(context) {
		for _, part := range []string{name, context[name]} {
			out = binary.BigEndian.AppendUint32(
				out,
				uint32(len(part)), //nolint:gosec // a request is smaller than 4 GiB
			)
			out = append(out, part...)
		}
	}
	return out
}
