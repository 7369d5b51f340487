package cli

import (
	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/demo"
	"github.com/windlass-io/windlass/internal/telemetry"
)

func newDemo(streams Streams) *cobra.Command {
	var cfg demo.Config
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the whole main job on this machine, with a rehearsed AWS account",
		Long: `Run the whole main job in one process: a rehearsed AWS account with a bucket
full of files, a role guarded by an External ID, an integration proven to work,
data loaded over signed HTTP, and an app's request answered. Then the console
stays up to go on by hand.

Nothing is kept unless --dir is given; a second start with the same --dir carries
on from it.`,
		Example: "  windlass demo\n  windlass demo --once --json --data ./my-files",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := "error"
			if verbose {
				level = "info"
			}
			cfg.Version, cfg.Out, cfg.Now = cmd.Root().Version, streams.Out, streams.Now
			cfg.Logger = telemetry.Logger(streams.Err, "text", level)
			return demo.Run(cmd.Context(), cfg)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&cfg.Once, "once", false, "end when the steps are done")
	flags.StringVar(&cfg.Data, "data", "", "fill the bucket with the files of this folder (default: a sample)")
	flags.StringVar(&cfg.Dir, "dir", "", "keep everything in this folder, and carry on from it (default: a temporary one)")
	flags.StringVar(&cfg.Listen, "listen", "127.0.0.1:8080", "address of the console and the API; port 0 takes a free one")
	flags.BoolVar(&cfg.JSON, "json", false, "print one JSON object at the end")
	flags.BoolVar(&verbose, "verbose", false, "log every request of the service and the rehearsed AWS")
	return cmd
}
