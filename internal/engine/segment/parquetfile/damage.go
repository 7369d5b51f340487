package parquetfile

import (
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/problem"
)

// DamagedError is the cause of a problem with a file whose content isn't what
// was written.
type DamagedError struct {
	Name  string // of the file
	Cause error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("file %s is damaged: %v", e.Name, e.Cause) }

func (e *DamagedError) Unwrap() error { return e.Cause }

// damaged returns the problem of a damaged file.
func damaged(name string, cause error) error {
	var known *DamagedError
	if errors.As(cause, &known) {
		return cause
	}
	e := &DamagedError{name, cause}
	return problem.Wrap(e, problem.Internal, "The file %s is damaged: %v.", name, cause).
		WithHint("Restore it from a backup, or delete the dataset's rows and load them again. Check all files with windlass rows check.")
}

// IsDamaged reports whether an error is about a damaged file.
func IsDamaged(err error) bool {
	var e *DamagedError
	return errors.As(err, &e)
}
