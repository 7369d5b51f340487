package staged

import (
	"context"
	"regexp"

	"github.com/windlass-io/windlass/internal/problem"
)

// idForm is the form of a dataset's ID, which names a folder or a table.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// CheckID checks the form of a dataset's ID.
func CheckID(datasetID string) error {
	if !idForm.MatchString(datasetID) {
		return problem.New(problem.Invalid, "%q isn't a dataset ID.", datasetID)
	}
	return nil
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
