package cli

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/server"
)

func newConfig(streams Streams) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show and check the settings of the service", Args: cobra.NoArgs}
	cmd.AddCommand(newConfigShow(streams), newConfigCheck(streams))
	return cmd
}

func newConfigShow(streams Streams) *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show every setting and limit, and where its value comes from",
		Long: `Show every setting as windlass serve would use it, and where its value comes
from: default, file, environment or flag. Limits that can't be set are fixed.
Secrets read [redacted].

Exit status: 0 the settings are valid, 2 they aren't.`,
		Example: "  windlass config show --config /etc/windlass/windlass.toml\n  windlass config show --json",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	settingFlags(cmd, &file)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		values, err := config.Show(settingSources(cmd, file, streams))
		if values == nil {
			return err
		}
		values = append(values, server.FixedLimits()...)
		if asJSON {
			return firstError(printJSON(streams.Out, values), err)
		}
		rows := make([][]string, len(values))
		for i, v := range values {
			rows[i] = []string{v.Name, v.Value, string(v.Origin), v.Doc}
		}
		return firstError(printTable(streams.Out, []string{"setting", "value", "origin", "what it is"}, rows), err)
	}
	return cmd
}

func newConfigCheck(streams Streams) *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Validate the settings, and try what they name",
		Long: `Validate the settings, and try what they name: folders, disk, ports, the certificate,
the database, the master key and backups. Nothing is changed, and the service may run.

Run it on the service's machine, as the user that runs the service.

Exit status: 0 the service can start, 1 a check failed, 2 a setting is invalid.`,
		Example: "  windlass config check --config /etc/windlass/windlass.toml",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	settingFlags(cmd, &file)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := config.Load(settingSources(cmd, file, streams))
		if err != nil {
			return err
		}
		identity, err := awsIdentity(cmd.Context(), settings.AWSRegion)
		if err != nil {
			return err
		}
		found := server.CheckSettings(cmd.Context(), server.Config{
			Settings: settings, AWS: identity, Now: streams.Now,
			Logger: slog.New(slog.DiscardHandler),
		})
		if err := printSettingChecks(streams, found, asJSON); err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(c server.SettingCheck) bool { return c.Status == server.SettingFailed }) {
			return errNo
		}
		return nil
	}
	return cmd
}

func printSettingChecks(streams Streams, found []server.SettingCheck, asJSON bool) error {
	if asJSON {
		return printJSON(streams.Out, found)
	}
	rows := make([][]string, 0, len(found))
	for _, c := range found {
		rows = append(rows, []string{c.Setting, c.Status, strings.TrimSpace(c.Detail + " " + c.Hint)})
	}
	return printTable(streams.Out, []string{"setting", "status", ""}, rows)
}

// settingFlags adds a flag for each setting, and the one that names the file.
func settingFlags(cmd *cobra.Command, file *string) {
	flags := cmd.Flags()
	flags.StringVar(file, "config", "", "TOML file of settings (WINDLASS_CONFIG)")
	cmd.Long += "\n\n" + secretHelp()
	for _, field := range config.Fields() {
		if !field.Secret { // a command line is seen by every process
			flags.String(field.Flag, field.Default, field.Doc+" ("+field.Env+")")
			if field.Bool {
				flags.Lookup(field.Flag).NoOptDefVal = "true"
			}
		}
	}
}

// secretHelp describes the settings that have no flag.
func secretHelp() string {
	var b strings.Builder
	b.WriteString("Secrets have no flag. Each is a line of the TOML file or an environment variable:\n")
	files := config.SecretFiles()
	for _, field := range config.Fields() {
		if field.Secret {
			fmt.Fprintf(&b, "\n  %s\n      %s", field.Env, field.Doc)
			if file := files[field.Env]; file != "" {
				fmt.Fprintf(&b, "; or %s: a file with it", file)
			}
		}
	}
	return b.String()
}

// settingSources returns where the settings of a command come from.
func settingSources(cmd *cobra.Command, file string, streams Streams) config.Sources {
	return config.Sources{
		File: first(file, streams.Getenv("WINDLASS_CONFIG")), Getenv: streams.Getenv,
		Flags: setFlags(cmd),
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
