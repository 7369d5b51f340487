package assume

import (
	"encoding/hex"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/problem"
)

const externalIDBytes = 16

// ExternalID is the sts:ExternalId that a role's trust policy requires: 128
// random bits, as 32 lowercase hexadecimal digits. Windlass generates one for
// each integration and never accepts one from a caller. It isn't a secret: the
// customer writes it into the trust policy.
type ExternalID string

// NewExternalID returns an External ID of 16 bytes read from random, which is
// crypto/rand.Reader outside tests.
func NewExternalID(random io.Reader) (ExternalID, error) {
	var b [externalIDBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("generating an External ID: %w", err)
	}
	return ExternalID(hex.EncodeToString(b[:])), nil
}

// Check validates the form of the External ID.
func (e ExternalID) Check() error {
	if len(e) != hex.EncodedLen(externalIDBytes) {
		return errExternalID()
	}
	for _, c := range []byte(e) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errExternalID()
		}
	}
	return nil
}

func errExternalID() error {
	return problem.New(problem.Invalid,
		"Windlass didn't generate this External ID: it isn't 32 lowercase hexadecimal digits.")
}
