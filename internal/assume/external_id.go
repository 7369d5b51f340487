package assume

import (
	"encoding/hex"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/problem"
)

const externalIDBytes = 16

// ExternalID is what a role's trust policy demands of whoever assumes it: 128
// random bits, as 32 lower-case hexadecimal digits. Windlass makes it, one for
// each integration, and takes none from a caller. It is no secret: the
// customer writes it into a policy.
type ExternalID string

// NewExternalID makes an External ID of 16 bytes from random, which is
// crypto/rand.Reader outside tests.
func NewExternalID(random io.Reader) (ExternalID, error) {
	var b [externalIDBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making an External ID: %w", err)
	}
	return ExternalID(hex.EncodeToString(b[:])), nil
}

// Check says whether the External ID has the form of one that Windlass made.
func (e ExternalID) Check() error {
	if len(e) != hex.EncodedLen(externalIDBytes) {
		return e.fault()
	}
	for _, c := range []byte(e) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return e.fault()
		}
	}
	return nil
}

func (ExternalID) fault() error {
	return problem.New(problem.Invalid, "The External ID was not made by Windlass: it is not 32 lower-case hexadecimal digits.")
}
