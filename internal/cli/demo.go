package cli

import (
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/demo"
	"github.com/windlass-io/windlass/internal/telemetry"
)

func newDemo(streams Streams) *cobra.Command {
	var cfg demo.Config
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the main job on this machine, with a stand-in for AWS",
		Long: `Run the main job in one process: a stand-in for AWS with a bucket full of files, a
role with an External ID, a verified integration, data loaded over signed HTTP,
and a request from an app. Then the console keeps running until Ctrl-C.

Nothing is kept without --dir. A second start with the same --dir continues.`,
		Example: "  windlass demo\n  windlass demo --once --json --data ./my-files",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := "error"
			if verbose {
				level = "info"
			}
			cfg.Version, cfg.Command, cfg.Out, cfg.Now = cmd.Root().Version, ownCommand(), streams.Out, streams.Now
			cfg.Logger = telemetry.Logger(streams.Err, "text", level)
			return demo.Run(cmd.Context(), cfg)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&cfg.Once, "once", false, "exit after the last step")
	flags.StringVar(&cfg.Data, "data", "", "fill the bucket with the files of this folder (default: a sample)")
	flags.StringVar(&cfg.Dir, "dir", "", "folder that keeps everything for the next start (default: a temporary "+
		"folder)")
	flags.StringVar(&cfg.Listen, "listen", "127.0.0.1:8080",
		"address of the console and the API; port 0 picks a free one")
	flags.BoolVar(&cfg.JSON, "json", false, "print one JSON object at the end")
	flags.BoolVar(&verbose, "verbose", false, "log every request of the service and the sandbox")
	return cmd
}

// ownCommand returns the command for this program in a shell: "windlass" if that is on the
// PATH, else the path with which it was started.
func ownCommand() string {
	if own, err := os.Executable(); err == nil {
		if found, err := exec.LookPath("windlass"); err == nil && sameFile(found, own) {
			return "windlass"
		}
	}
	return os.Args[0]
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
