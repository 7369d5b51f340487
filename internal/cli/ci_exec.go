package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/job"
)

func newCIExec(streams Streams) *cobra.Command {
	var x exchange
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARG…]",
		Short: "Run a command with the job's credentials",
		Long: `Run a command with the job's credentials, and exit with its status.

The command finds the credentials as in an AWS container: at a loopback address
that requires a token only the command has. Windlass renews them while it runs.
Other AWS identities are removed from its environment: variables, profiles,
shared files and the machine's role. AWS_REGION and AWS_ENDPOINT_URL stay.

Windlass gets the credentials before it starts the command. If they are refused,
the command doesn't run, and the exit status is 1.`,
		Example: "  windlass ci exec -- aws s3 cp report.html s3://ci-artifacts/builds/\n  windlass ci exec --grant builds --action read -- python3 fetch.py",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.complete(streams); err != nil {
				return err
			}
			return x.exec(cmd.Context(), streams, args)
		},
	}
	x.flags(cmd)
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func (x *exchange) exec(ctx context.Context, streams Streams, args []string) (err error) {
	var given client.VendedCredentials
	keeper := &job.Keeper{Now: streams.Now, Vend: func(ctx context.Context) (job.Credentials, error) {
		made, vended, err := x.vend(ctx, streams)
		if err == nil {
			given = vended
		}
		return made, err
	}}
	if _, err := keeper.Credentials(ctx); err != nil {
		return err
	}
	endpoint, err := job.Listen(ctx, keeper.Credentials)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endpoint.Close()) }()
	set := endpoint.ContainerVariables()
	for name, value := range map[string]string{"AWS_REGION": given.Region, "AWS_ENDPOINT_URL": given.Endpoint} {
		if value != "" && streams.Getenv(name) == "" {
			set[name] = value
		}
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, job.Signals()...)
	defer signal.Stop(signals)
	status, err := job.Command{
		Args: args, Env: job.Environment(streams.environ(), set), In: streams.In, Out: streams.Out, Err: streams.Err,
		Signals: signals,
	}.Run(ctx)
	if err == nil && status != 0 {
		err = commandError(status)
	}
	return err
}

// commandError is the non-zero exit status of a command that was run. windlass
// exits with the same status and prints nothing.
type commandError int

func (e commandError) Error() string { return fmt.Sprintf("the command ended with status %d", int(e)) }
