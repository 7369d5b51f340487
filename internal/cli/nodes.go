package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// stateFlags has the flags of a command that uses the service's state.
type stateFlags struct {
	file string
	json bool
}

func (f *stateFlags) add(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVar(&f.file, "config", "", "TOML file of settings (WINDLASS_CONFIG)")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	for _, field := range config.Fields() {
		if field.Name == "dir" {
			flags.String(field.Flag, field.Default, field.Doc+" ("+field.Env+")")
		}
	}
}

// open reads the settings.
func (f *stateFlags) open(cmd *cobra.Command, streams Streams) (server.Config, error) {
	settings, err := config.Load(config.Sources{
		File: first(f.file, streams.Getenv("WINDLASS_CONFIG")), Getenv: streams.Getenv, Flags: setFlags(cmd),
	})
	private.Umask()
	return server.Config{
		Settings: settings, Logger: telemetry.Logger(streams.Err, settings.LogFormat, settings.LogLevel),
		Now: streams.Now,
	}, err
}

func newNodes(streams Streams) *cobra.Command {
	var state stateFlags
	cmd := &cobra.Command{
		Use: "nodes", Short: "List the processes that serve a state, on the service's machine", Args: cobra.NoArgs,
		Long: `List the processes that serve a state: running ones, and those that ended or were
lost in the last seven days.

Run it on a machine of the service, with the service's settings, as the user that
owns its state.`,
		Example: "  windlass nodes --dir /var/lib/windlass\n  windlass nodes drain app-1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := state.open(cmd, streams)
			if err != nil {
				return err
			}
			all, err := server.Nodes(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if state.json {
				return printJSON(streams.Out, all)
			}
			rows := make([][]string, len(all))
			for i := range all {
				n := &all[i]
				rows[i] = []string{
					n.ID, n.Name, string(n.State), strings.Join(n.Roles, ","),
					strconv.Itoa(n.Loads), n.Version, n.Address, moment(n.StartedAt, ""), moment(n.SeenAt, ""),
				}
			}
			return printTable(
				streams.Out,
				[]string{"id", "name", "state", "roles", "loads", "version", "address", "started", "seen"},
				rows,
			)
		},
	}
	state.add(cmd)
	cmd.AddCommand(newNodesDrain(&state, streams, true), newNodesDrain(&state, streams, false))
	return cmd
}

func newNodesDrain(state *stateFlags, streams Streams, drain bool) *cobra.Command {
	cmd := &cobra.Command{
		Use: "drain NODE", Short: "Stop a node from claiming loads, before you stop it", Args: cobra.ExactArgs(1),
		Long: "Stop a node, by name or ID, from claiming loads within five seconds. Running loads are\n" +
			"completed. Its /readyz then reports that it is draining, so that a load balancer sends no\nmore requests.",
		Example: "  windlass nodes drain app-1",
	}
	if !drain {
		cmd.Use, cmd.Short = "resume NODE", "Let a draining node claim loads again"
		cmd.Long, cmd.Example = "Let a draining node, by name or ID, claim loads again.",
			"  windlass nodes resume app-1"
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := state.open(cmd, streams)
		if err != nil {
			return err
		}
		n, err := server.DrainNode(cmd.Context(), cfg, args[0], drain)
		if err != nil {
			return err
		}
		if state.json {
			return printJSON(streams.Out, n)
		}
		becomes := "is draining"
		if !drain {
			becomes = "claims loads again"
		}
		_, err = fmt.Fprintf(streams.Out, "The node %s %s.\n", n.Name, becomes)
		return err
	}
	return cmd
}
