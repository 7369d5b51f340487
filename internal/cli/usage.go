package cli

import "github.com/spf13/cobra"

// checkCommand returns an error for an unknown command of a group, such as
// "windlass token revok". Cobra would print the group's help and succeed, and a
// script would take that for the command's success.
func checkCommand(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == root || cmd.Runnable() || cmd.ParseFlags(rest) != nil {
		return nil //nolint:nilerr // cobra reports these itself
	}
	if names := cmd.Flags().Args(); len(names) > 0 {
		return usagef("unknown command %q for %q; see %[2]s --help", names[0], cmd.CommandPath())
	}
	return nil
}

// countArguments makes every command report a wrong number of arguments with its
// usage line.
func countArguments(cmd *cobra.Command) {
	if check := cmd.Args; check != nil && cmd.HasParent() {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			switch err := check(cmd, args); {
			case err == nil:
				return nil
			case len(args) == 0:
				return usagef("an argument is missing; usage: %s", cmd.UseLine())
			default:
				return usagef("wrong number of arguments; usage: %s", cmd.UseLine())
			}
		}
	}
	for _, child := range cmd.Commands() {
		countArguments(child)
	}
}
