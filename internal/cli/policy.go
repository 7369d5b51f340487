package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// newPolicy holds the commands about policies. None of them needs a server.
func newPolicy(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Check, write and try IAM policies; no server is needed",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(policyCommands(streams)...)
	return cmd
}

// policyCommands is the list of them; each has a file of its name.
func policyCommands(streams Streams) []*cobra.Command {
	return []*cobra.Command{
		newPolicyEval(streams),
		newPolicyExplain(streams),
		newPolicyGenerate(streams),
		newPolicyLint(streams),
	}
}

// maxPolicyFile is far more than any policy; it bounds what is read.
const maxPolicyFile = 16 << 20

// readPolicyFile reads a file, or what is piped in when it is "-".
func readPolicyFile(path string, streams Streams) (content []byte, err error) {
	source, name := streams.In, "standard input"
	if path != "-" {
		file, err := os.Open(path) //nolint:gosec // the file that the person named
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
		return nil, usagef("%s has more than %d bytes: it is no policy", name, maxPolicyFile)
	}
	return content, nil
}

// counted writes a number with its noun: "1 error", "2 errors".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
