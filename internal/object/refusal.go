package object

import (
	"errors"

	"github.com/windlass-io/windlass/internal/problem"
)

// Refusal converts a failure to a problem for people: with code refused if the
// service refused or Windlass can't connect to it, and with code unavailable
// if it didn't respond. It returns any other err unchanged.
func Refusal(err error) error {
	var f *Failure
	if !errors.As(err, &f) {
		return err
	}
	if f.Unreached != nil {
		return problem.Wrap(err, f.Unreached.Code, "%s", f.Unreached.Message).WithHint("%s", f.Unreached.Hint)
	}
	if f.passing() {
		return problem.Wrap(err, problem.Unavailable, "%s.", f.Error()).WithHint("Try again in a moment.")
	}
	refused := problem.Wrap(err, problem.Refused, "%s.", f.Error())
	switch {
	case f.Denied():
		return refused.WithHint("Verify the integration to see which statement is missing.")
	case f.Missing():
		return refused.WithHint("Check the bucket's name and the key.")
	}
	return refused
}

// Passing reports whether an error is temporary: the service didn't respond,
// or reported an error of its own.
func Passing(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.passing()
}

func (f *Failure) passing() bool {
	if Throttles(f.Code) || f.Code == "RequestTimeout" {
		return true
	}
	return f.Status == 0 || f.Status >= 500
}
