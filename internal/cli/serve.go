package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/listen"
	"github.com/windlass-io/windlass/internal/memory"
	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

func newServe(streams Streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service: console, REST API and loader",
		Long: `Run the service: console, REST API and loader in one process.

The first start creates a workspace and its owner, writes a first token to
first-token in the state folder, and prints a sign-in link. The token works for
24 hours; then its file is deleted. Later, windlass sign-in-link prints a link.

Windlass finds its AWS credentials like the AWS SDK: in the environment, the shared
files, or the machine's role. They need sts:AssumeRole and nothing else.

Every setting is also a line of the TOML file and an environment variable. A flag
overrides the variable, which overrides the file.`,
		Example: "  windlass serve --dir /var/lib/windlass --public-url https://windlass.example.com\n  windlass serve --aws-endpoint http://127.0.0.1:9090",
		Args:    cobra.NoArgs,
	}
	settingFlags(cmd, &file)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := config.Load(settingSources(cmd, file, streams))
		if err != nil {
			return err
		}
		return serve(cmd.Context(), cmd.Root().Version, settings, streams)
	}
	return cmd
}

// setFlags returns the flags that were set, by the setting's name.
func setFlags(cmd *cobra.Command) map[string]string {
	set := map[string]string{}
	for _, field := range config.Fields() {
		if f := cmd.Flags().Lookup(field.Flag); f != nil && f.Changed {
			set[field.Name] = f.Value.String()
		}
	}
	return set
}

func serve(ctx context.Context, version string, settings config.Config, streams Streams) error {
	private.Umask()
	logger, closeLog, err := openLog(ctx, settings, streams)
	if err != nil {
		return err
	}
	defer closeLog()
	stopTraces, err := traces.Start(ctx, traces.Config{Version: version, Logger: logger})
	if err != nil {
		return err
	}
	defer stopTraces()
	identity, err := awsIdentity(ctx, settings.AWSRegion)
	if err != nil {
		return err
	}
	listener, err := listen.On(ctx, settings.Listen)
	if err != nil {
		return err
	}
	admin, err := listenAdmin(ctx, settings, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	redirect, err := listenOptional(ctx, settings.RedirectAddress())
	if err != nil {
		return errors.Join(err, listener.Close(), closeListener(admin))
	}
	memory.Limit(int64(settings.Memory))
	running, err := server.Open(ctx, server.Config{
		Settings: settings, Version: version, AWS: identity, Logger: logger,
		Now:   streams.Now,
		Admin: admin, Redirect: redirect,
	})
	if err != nil {
		return errors.Join(err, listener.Close(), closeListener(admin), closeListener(redirect))
	}
	start, err := running.Bootstrap(ctx)
	if err != nil {
		return errors.Join(err, listener.Close(), closeListener(admin), closeListener(redirect), running.Close()) //nolint:contextcheck // closing outlives the canceled context
	}
	announceService(streams, settings, start)
	stopNotifying := notifySystemd(ctx, logger)
	defer stopNotifying()
	return errors.Join(running.Serve(ctx, listener), running.Close()) //nolint:contextcheck // closing outlives the canceled context
}

// notifySystemd notifies systemd that the service is ready, and when it begins to stop. It
// does nothing without systemd.
func notifySystemd(ctx context.Context, logger *slog.Logger) (stop func() bool) {
	notify := func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			logger.WarnContext(ctx, telemetry.SystemdNotNotified, "cause", err)
		}
	}
	notify(daemon.SdNotifyReady)
	return context.AfterFunc(ctx, func() { notify(daemon.SdNotifyStopping) })
}

// openLog opens the log of the settings. On SIGHUP a log file is opened again; without
// one the signal does nothing.
func openLog(ctx context.Context, settings config.Config, streams Streams) (*slog.Logger, func(), error) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	if settings.LogFile == "" {
		return telemetry.Logger(streams.Err, settings.LogFormat, settings.LogLevel), func() { signal.Stop(hangup) }, nil
	}
	file, err := telemetry.OpenFile(settings.LogFile)
	if err != nil {
		return nil, nil, problem.Wrap(err, problem.Invalid, "The log can't be written to %s: %v.", settings.LogFile, err).
			WithHint("Set log_file to a file that this user may write, or leave it empty.")
	}
	logger := telemetry.Logger(file, settings.LogFormat, settings.LogLevel)
	ended := make(chan struct{})
	go reopen(ctx, file, logger, hangup, ended)
	return logger, func() {
		signal.Stop(hangup)
		close(ended)
		_ = file.Close()
	}, nil
}

func reopen(ctx context.Context, file *telemetry.File, logger *slog.Logger, hangup <-chan os.Signal,
	ended <-chan struct{},
) {
	for {
		select {
		case <-ended:
			return
		case <-hangup:
			if err := file.Reopen(); err != nil {
				logger.ErrorContext(ctx, telemetry.LogReopened, "cause", err)
				continue
			}
			logger.InfoContext(ctx, telemetry.LogReopened)
		}
	}
}

// announceService prints where to go. At the first start it prints a link too,
// which signs the owner in once, within 15 minutes; the token stays in its file.
func announceService(streams Streams, settings config.Config, start server.Start) {
	if settings.HasRole(config.RoleServe) {
		_, _ = fmt.Fprintf(streams.Out, "Windlass serves the workspace %s at %s\n", start.Workspace, settings.PublicURL)
	} else {
		_, _ = fmt.Fprintf(streams.Out, "Roles of this node: %s. Other nodes serve requests.\n",
			strings.Join(settings.NodeRoles(), ", "))
	}
	if start.SignIn.IsZero() {
		_, _ = fmt.Fprintln(streams.Out, "  sign in   with your password, or with a link: windlass sign-in-link")
		return
	}
	_, _ = fmt.Fprintf(streams.Out, "  sign in   %s\n", start.SignIn.Reveal())
	_, _ = fmt.Fprintf(streams.Out, "  token     in %s, for windlass and your programs; it works for 24 hours\n",
		start.TokenFile)
}
