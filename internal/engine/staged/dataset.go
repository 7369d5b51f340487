package staged

import (
	"context"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// maxID is the maximum length of a dataset's ID.
const maxID = 100

// CheckID checks the form of a dataset's ID, which names a folder or a table: ASCII
// letters and digits, "_" and "-".
func CheckID(datasetID string) error {
	if datasetID == "" || len(datasetID) > maxID || strings.ContainsFunc(datasetID, isForeign) {
		return problem.New(problem.Invalid, "%q isn't a dataset ID.", datasetID)
	}
	return nil
}

func isForeign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
}

// Lock is a mutex that can be waited for with a context.
type Lock chan struct{}

// NewLock returns a lock that nobody holds.
func NewLock() Lock { return make(Lock, 1) }

// Acquire waits for the lock, or for ctx.
func (l Lock) Acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Release releases the lock.
func (l Lock) Release() { <-l }
