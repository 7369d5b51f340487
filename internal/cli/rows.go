package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
)

func newRows(streams Streams) *cobra.Command {
	cmd := &cobra.Command{Use: "rows", Short: "Check the files that store rows, on the service's machine"}
	cmd.AddCommand(newRowsCheck(streams))
	return cmd
}

func newRowsCheck(streams Streams) *cobra.Command {
	var state stateFlags
	cmd := &cobra.Command{
		Use: "check", Short: "Read every file with rows and report damage", Args: cobra.NoArgs,
		Long: `Read every file with rows and report those that are damaged or missing.

Run it on the service's machine, with the service's settings, as the user that
owns its state. The service may be running. The command changes nothing.

Exit status: 0 no damage, 1 damaged or missing files, 2 the check isn't possible.`,
		Example: "  windlass rows check --dir /var/lib/windlass\n  windlass rows check --json",
	}
	state.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := state.open(cmd, streams)
		if err != nil {
			return err
		}
		return checkRows(cmd.Context(), cfg.Settings, state.json, streams)
	}
	return cmd
}

// damagedFile is a finding in JSON.
type damagedFile struct {
	Dataset string `json:"dataset"`
	File    string `json:"file"`
	Cause   string `json:"cause"`
}

func checkRows(ctx context.Context, settings config.Config, asJSON bool, streams Streams) error {
	checked, err := server.CheckRows(ctx, settings)
	if err != nil {
		return err
	}
	if asJSON {
		err = writeChecked(&checked, streams)
	} else {
		for _, f := range checked.Findings {
			_, _ = fmt.Fprintf(streams.Out, "%s: %v\n", f.File, f.Cause)
		}
		_, err = fmt.Fprintf(streams.Out, "datasets: %d, files: %d, rows: %d, damaged files: %d\n",
			checked.Datasets, checked.Files, checked.Rows, len(checked.Findings))
	}
	if err != nil || len(checked.Findings) == 0 {
		return err
	}
	return problem.New(problem.Refused, "Files with rows are damaged or missing: %d.", len(checked.Findings)).
		WithHint("Restore them from a backup, or delete their datasets and load them again.")
}

func writeChecked(checked *segment.Checked, streams Streams) error {
	damaged := make([]damagedFile, len(checked.Findings))
	for i, f := range checked.Findings {
		damaged[i] = damagedFile{Dataset: f.DatasetID, File: f.File, Cause: f.Cause.Error()}
	}
	return json.NewEncoder(streams.Out).Encode(struct {
		Datasets int           `json:"datasets"`
		Files    int           `json:"files"`
		Rows     int64         `json:"rows"`
		Damaged  []damagedFile `json:"damaged"`
	}{checked.Datasets, checked.Files, checked.Rows, damaged})
}
