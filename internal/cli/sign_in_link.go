package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/telemetry"
)

func newSignInLink(streams Streams) *cobra.Command {
	var file, member string
	cmd := &cobra.Command{
		Use: "sign-in-link", Short: "Print a sign-in link for a member; run it on the service's machine",
		Args: cobra.NoArgs,
		Long: "Print a link that signs a member of the home workspace in once, within 15 minutes. Run it\non the service's machine, with the service's settings, as the user that owns its state;\n" +
			"the service may be running. Anyone who has the link can use it.\n\nWithout --member it is the owner " +
			"who joined first.",
		Example: "  windlass sign-in-link --dir /var/lib/windlass\n  windlass sign-in-link --member ann@example.com",
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "config", "", "TOML file of settings (WINDLASS_CONFIG)")
	flags.StringVar(&member, "member", "", "e-mail address or ID of the member (default: the owner who joined first)")
	for _, field := range config.Fields() {
		switch field.Name {
		case "dir", "listen", "public_url", "workspace":
			flags.String(field.Flag, field.Default, field.Doc+" ("+field.Env+")")
		}
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := config.Load(config.Sources{
			File:   first(file, streams.Getenv("WINDLASS_CONFIG")),
			Getenv: streams.Getenv, Flags: setFlags(cmd),
		})
		if err != nil {
			return err
		}
		private.Umask()
		link, err := server.SignInLink(cmd.Context(), server.Config{
			Settings: settings, Logger: telemetry.Logger(streams.Err, settings.LogFormat, settings.LogLevel),
			Now: streams.Now,
		}, member)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(streams.Out, link.Reveal())
		return err
	}
	return cmd
}
