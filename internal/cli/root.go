// Package cli is the windlass command: one file a command. Commands that talk
// to a server do it through package client alone.
//
// Exit status: 0 done, 1 the result is negative, 2 used wrongly or unreachable.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/problem"
)

// Streams has a command's input and output.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Environ  func() []string      // environment for the commands that it runs; nil: none
	Terminal func() bool          // whether a person can be asked; nil: when In is a terminal
	Browse   func(address string) // opens a page in the person's browser; nil: not possible
}

func (s Streams) environ() []string {
	if s.Environ == nil {
		return nil
	}
	return s.Environ()
}

// Exit statuses.
const (
	exitDone  = 0
	exitNo    = 1
	exitUsage = 2
)

// errNo ends a command with a negative result that is already printed.
var errNo = errors.New("the result is negative")

// usageError is a command used wrongly.
type usageError struct{ cause error }

func (e usageError) Error() string { return e.cause.Error() }

func (e usageError) Unwrap() error { return e.cause }

// usagef returns an error that ends the command with status 2.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Run runs one command line, without the program's name, and returns the exit
// status.
func Run(ctx context.Context, version string, args []string, streams Streams) int {
	root := newRoot(version, streams) //nolint:contextcheck // each command gets its context when it runs
	root.SetArgs(args)
	err := checkCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNo):
		return exitNo
	}
	var ended commandError
	if errors.As(err, &ended) {
		return int(ended)
	}
	err = plainFlags(err)
	printError(streams.Err, err)
	return statusOf(err)
}

// Root returns the command with all its subcommands, to write man pages from. It
// can't be run.
func Root(version string) *cobra.Command {
	return newRoot(version, Streams{Getenv: func(string) string { return "" }})
}

func newRoot(version string, streams Streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "windlass",
		Short:         "Load data from other people's S3 buckets without holding their keys",
		Long:          "Windlass loads data from S3 buckets through a role that the bucket's owner controls,\nturns it into typed datasets, and serves them over a REST API.\n\nExit status: 0 success, 1 refused or failed, 2 invalid usage or server unreachable.",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(commands(streams)...)
	countArguments(root)
	return root
}

// commands is the list of commands; each has a file of its name.
func commands(streams Streams) []*cobra.Command {
	return []*cobra.Command{
		newAudit(streams),
		newBackup(streams),
		newCI(streams),
		newConfig(streams),
		newCredential(streams),
		newDataset(streams),
		newDemo(streams),
		newGrant(streams),
		newHealth(streams),
		newIdentity(streams),
		newIntegration(streams),
		newLoad(streams),
		newMember(streams),
		newLogin(streams),
		newLogout(streams),
		newMasterKey(streams),
		newMigrate(streams),
		newPolicy(streams),
		newProvider(streams),
		newQuery(streams),
		newView(streams),
		newUsage(streams),
		newReach(streams),
		newRestore(streams),
		newNodes(streams),
		newRows(streams),
		newSandbox(streams),
		newFeed(streams),
		newNotification(streams),
		newSchedule(streams),
		newSecurity(streams),
		newServe(streams),
		newSignInLink(streams),
		newSource(streams),
		newSQLWorker(streams),
		newToken(streams),
		newVersion(streams),
	}
}

// printError prints an error and its hint.
func printError(w io.Writer, err error) {
	_, _ = fmt.Fprintf(w, "windlass: %v\n", err)
	var refused *client.Error
	var local *problem.Error
	hint := ""
	if errors.As(err, &refused) {
		for _, finding := range refused.Errors {
			printFinding(w, err, len(refused.Errors), placeOf(finding), finding.Message)
		}
		hint = refused.Hint
	} else if errors.As(err, &local) {
		for _, finding := range local.Findings {
			printFinding(w, err, len(local.Findings), finding.Path, finding.Message)
		}
		hint = local.Hint
	}
	if hint != "" {
		_, _ = fmt.Fprintf(w, "  %s\n", hint)
	}
}

// placeOf returns where a finding is: its path, and the line and column in it.
func placeOf(f client.Finding) string {
	if f.Line == 0 {
		return f.Path
	}
	return fmt.Sprintf("%s, line %d, column %d", f.Path, f.Line, f.Column)
}

// printFinding prints one finding. If the error already has its message,
// printFinding only prints the finding's position, if that is a line.
func printFinding(w io.Writer, err error, faults int, path, message string) {
	switch {
	case faults > 1 || !strings.Contains(err.Error(), strings.TrimSuffix(message, ".")):
		_, _ = fmt.Fprintf(w, "  %s: %s\n", path, message)
	case strings.Contains(path, ", line "):
		_, _ = fmt.Fprintf(w, "  %s\n", path)
	}
}

// statusOf returns the exit status for an error.
func statusOf(err error) int {
	var refused *client.Error
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	if errors.As(err, &refused) && refused.Code != "unauthenticated" {
		return exitNo
	}
	if problem.Is(err, problem.Refused) || problem.Is(err, problem.Forbidden) {
		return exitNo
	}
	return exitUsage
}
