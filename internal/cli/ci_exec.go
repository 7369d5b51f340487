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
		Short: "Run a command with the job's own credentials",
		Long: `Run a command with the job's own credentials, and end with its exit status.

The command finds them as it would in a container of AWS: at an address on this
machine's loopback that asks for a token which only the command has. They are
renewed while it runs. What was inherited of AWS identities is taken away:
variables, profiles, shared files, the machine's role. AWS_REGION and
AWS_ENDPOINT_URL stay.

The credentials are asked for once before the command starts, so that a refusal
ends this command with status 1 and the other never runs.`,
		Example: "  windlass ci exec -- aws s3 cp report.html s3://ci-artifacts/builds/\n  windlass ci exec --grant builds --action read -- python3 fetch.py",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.settle(streams); err != nil {
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
		Args: args, Env: job.Environment(streams.environ(), set), In: streams.In, Out: streams.Out, Err: streams.Err, Signals: signals,
	}.Run(ctx)
	if err == nil && status != 0 {
		err = commandError(status)
	}
	return err
}

// commandError is a command that was run and ended with another status than 0;
// windlass ends with the same one and says nothing.
type commandError int

func (e commandError) Error() string { return fmt.Sprintf("the command ended with status %d", int(e)) }
