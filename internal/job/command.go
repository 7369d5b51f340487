package job

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/windlass-io/windlass/internal/problem"
)

// Command is a command to run.
type Command struct {
	Args     []string // the program and its arguments; one at least
	Env      []string
	In       io.Reader
	Out, Err io.Writer
	Signals  <-chan os.Signal // passed on to the command; nil: none
}

// Run runs the command and returns its exit status. If a signal ended it, the
// status is 128 plus the signal's number, as in a shell. If the command can't
// be started, the error is a problem with code invalid.
func (c Command) Run(ctx context.Context) (status int, err error) {
	command := exec.CommandContext(context.WithoutCancel(ctx), c.Args[0], c.Args[1:]...) //nolint:gosec // G204: it is meant to run the user's command
	command.Env, command.Stdin, command.Stdout, command.Stderr = c.Env, c.In, c.Out, c.Err
	if err := command.Start(); err != nil {
		return 0, problem.New(problem.Invalid, "The command cannot be started: %w.", err)
	}
	ended := make(chan struct{})
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		pass(c.Signals, command.Process, ended)
	}()
	err = command.Wait()
	close(ended)
	<-passed
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitStatus(exit.ProcessState), nil
	}
	return 0, err
}

// pass forwards signals until the process has ended.
func pass(signals <-chan os.Signal, to *os.Process, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case s := <-signals:
			_ = to.Signal(s) // the process may have ended meanwhile
		}
	}
}
