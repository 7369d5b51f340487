package cli

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// checkCommand returns an error for an unknown command of a group, such as
// "windlass token revok". Cobra would print the group's help and succeed, and a
// script would take that for the command's success.
func checkCommand(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == root || cmd.Runnable() || cmd.ParseFlags(rest) != nil {
		return nil //nolint:nilerr // cobra reports these itself
	}
	if names := cmd.Flags().Args(); len(names) > 0 {
		if near := nearest(cmd, names[0]); near != "" {
			return usagef("unknown command %q for %q; did you mean %q?", names[0], cmd.CommandPath(), near)
		}
		return usagef("unknown command %q for %q; see %[2]s --help", names[0], cmd.CommandPath())
	}
	return nil
}

// synonyms maps a command to its names in other programs.
var synonyms = map[string][]string{
	"add": {"create", "new"}, "again": {"retry", "rerun"}, "create": {"add", "new"}, "list": {"ls"},
	"remove": {"delete", "rm", "del"}, "revoke": {"remove", "delete", "rm"}, "show": {"get", "describe", "info"},
	"start": {"run"}, "update": {"edit", "set"},
}

// nearest returns the command of a group that a name probably means, or "" if there
// is none. Another program's name for a command takes precedence over similar
// letters: "dataset delete" isn't "dataset delete-rows".
func nearest(group *cobra.Command, name string) string {
	for _, cmd := range group.Commands() {
		if cmd.IsAvailableCommand() && slices.Contains(synonyms[cmd.Name()], name) {
			return cmd.Name()
		}
	}
	group.SuggestionsMinimumDistance = 2 // changed letters
	if near := group.SuggestionsFor(name); len(near) > 0 {
		return near[0]
	}
	return ""
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

// together matches cobra's error of flags that exclude each other.
var together = regexp.MustCompile(`^if any flags in the group .* none of the others can be; \[(.*)\] were all set$`)

// plainFlags converts cobra's error for flags that exclude each other to
// plain words.
func plainFlags(err error) error {
	if parts := together.FindStringSubmatch(err.Error()); parts != nil {
		return usagef("--%s can't be combined", strings.Join(strings.Fields(parts[1]), " and --"))
	}
	return err
}

// invalidIsUsage makes the commands of a group exit with the status for wrong
// usage if the service rejects a setting.
func invalidIsUsage(group *cobra.Command) *cobra.Command {
	for _, cmd := range group.Commands() {
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := run(cmd, args)
			if refused, ok := errors.AsType[*client.Error](err); ok && refused.Code == "invalid" {
				return usageError{err}
			}
			return err
		}
	}
	return group
}
