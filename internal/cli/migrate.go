package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store"
)

func newMigrate(streams Streams) *cobra.Command {
	var state stateFlags
	var dryRun, status bool
	cmd := &cobra.Command{
		Use: "migrate", Short: "Migrate the state's schema to this release, on the service's machine",
		Long: `Migrate the schema of the service's state to this release.

windlass serve does this when it starts. Make a backup first: migrations can't be
undone. With --status or --dry-run, nothing is changed.

Exit status: 0 done or nothing to do; 1 with --dry-run, migrations would be applied.`,
		Example: "  windlass migrate --status\n  windlass migrate --dry-run --json",
		Args:    cobra.NoArgs,
	}
	state.add(cmd)
	cmd.Flags().BoolVar(&status, "status", false, "list all migrations, but change nothing")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "list the migrations that would be applied, but change nothing")
	cmd.MarkFlagsMutuallyExclusive("status", "dry-run")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := state.open(cmd, streams)
		if err != nil {
			return err
		}
		if !status && !dryRun {
			return migrate(cmd, &state, streams, cfg)
		}
		schema, err := store.ReadSchema(cmd.Context(), cfg.Settings.Database)
		if err != nil {
			return err
		}
		if dryRun {
			schema.Migrations = schema.Pending()
		}
		if err := printSchema(&state, streams, &schema); err != nil {
			return err
		}
		if dryRun && len(schema.Migrations) > 0 {
			return errNo
		}
		return nil
	}
	return cmd
}

func migrate(cmd *cobra.Command, state *stateFlags, streams Streams, cfg server.Config) error {
	var applied []store.Migration
	opened, err := store.Open(cmd.Context(), store.Config{
		DSN:      cfg.Settings.Database,
		Migrated: func(m store.Migration, _ time.Duration) { applied = append(applied, m) },
	})
	if err != nil {
		return err
	}
	if err := opened.Close(); err != nil {
		return err
	}
	if state.json {
		return printJSON(streams.Out, struct {
			Applied []store.Migration `json:"applied"`
		}{append([]store.Migration{}, applied...)})
	}
	_, err = fmt.Fprintf(streams.Out, "%s applied. The schema matches this release.\n",
		counted(len(applied), "migration"))
	return err
}

func printSchema(state *stateFlags, streams Streams, schema *store.Schema) error {
	if state.json {
		return printJSON(streams.Out, schema)
	}
	_, err := fmt.Fprintf(streams.Out, "The state has schema %d; this release supports up to %d.\n", schema.Version,
		schema.Known)
	if err != nil || len(schema.Migrations) == 0 {
		return err
	}
	rows := make([][]string, len(schema.Migrations))
	for i, m := range schema.Migrations {
		rows[i] = []string{strconv.FormatInt(m.ID, 10), m.Name, moment(m.AppliedAt, "pending")}
	}
	return printTable(streams.Out, []string{"id", "name", "applied"}, rows)
}
