package cli

import (
	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/worker"
)

// newSQLWorker is the process of a SQL query, which the service starts.
func newSQLWorker(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: sql.WorkerCommand, Short: "Run one SQL query for the service", Args: cobra.NoArgs, Hidden: true,
		RunE: func(*cobra.Command, []string) error { return worker.Run(streams.In, streams.Out) },
	}
}
