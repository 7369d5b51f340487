package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// newPolicy returns the policy commands. None of them needs a server.
func newPolicy(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Check, generate and test IAM policies, without a server",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(policyCommands(streams)...)
	return cmd
}

// policyCommands returns the subcommands, each in the file of its name.
func policyCommands(streams Streams) []*cobra.Command {
	return []*cobra.Command{
		newPolicyEval(streams),
		newPolicyExplain(streams),
		newPolicyGenerate(streams),
		newPolicyLint(streams),
	}
}

// maxPolicyFile limits the size of a file. It is far more than any policy needs.
const maxPolicyFile = 16 << 20

// readPolicyFile reads a file, or standard input for "-".
func readPolicyFile(path string, streams Streams) (content []byte, err error) {
	source, name := streams.In, "standard input"
	if path != "-" {
		file, err := os.Open(path) //nolint:gosec // the file that the user named
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		source, name = file, path
	}
	content, err = io.ReadAll(io.LimitReader(source, maxPolicyFile+1))
	if err != nil {
		return nil, usagef("reading %s: %w", name, err)
	}
	if len(content) > maxPolicyFile {
		return nil, usagef("%s is larger than %d bytes, too large for a policy", name, maxPolicyFile)
	}
	return content, nil
}

// counted returns a number with its noun: "1 error", "2 errors".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
