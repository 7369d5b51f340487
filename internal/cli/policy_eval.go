package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/cli/policycase"
)

func newPolicyEval(streams Streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Decide requests by their policies",
		Long: `Decide requests by AWS's evaluation logic, without AWS.

The input is {"cases":[…]} or one case after another, each with the policies
(identity, resource, trust, session, boundary, scp by level from the
organization's root, rcp, and endpoint for a VPC endpoint), the principal, the
action, the resource and the condition keys of the request.
Keys that a case doesn't have are absent. The output has one line for each
case, in order: {"id":"…","decision":"allow|explicitDeny|implicitDeny"},
or {"id":"…","error":"…"}.`,
		Example: `  windlass policy eval --cases cases.json
  jq -c '.cases[]' cases.json | windlass policy eval`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return withInput(streams, file, func(in io.Reader) error {
				if err := policycase.Evaluate(in, streams.Out); err != nil {
					return usageError{err}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&file, "cases", "-", "file of cases, or - for standard input")
	return cmd
}

// withInput opens a file, or uses standard input for "-".
func withInput(streams Streams, file string, use func(io.Reader) error) error {
	if file == "-" {
		return use(streams.In)
	}
	opened, err := os.Open(file) //nolint:gosec // the file that the user named
	if err != nil {
		return usageError{err}
	}
	defer opened.Close() //nolint:errcheck // it was only read
	return use(opened)
}
