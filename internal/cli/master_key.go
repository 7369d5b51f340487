package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/telemetry"
)

func newMasterKey(streams Streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "master-key", Short: "Change the key that seals secrets while the service runs", Args: cobra.NoArgs,
		Long: "Change the key that seals secrets while the service runs. Run the command on the service's\nmachine, with the service's settings.\n\n" +
			"The master key is in master.key in the state folder, in --master-key-file, or " +
			"in\nWINDLASS_MASTER_KEY. It is 64 hexadecimal digits, or the address of a key that never leaves its " +
			"service:\n" +
			"  aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID\n  hcvault://HOST:8200/transit/keys/NAME   with WINDLASS_VAULT_TOKEN_FILE",
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&file, "config", "", "TOML file of settings (WINDLASS_CONFIG)")
	for _, field := range config.Fields() {
		if field.Name == "dir" || field.Name == "aws_endpoint" || field.Name == "vault_token_file" ||
			field.Name == "master_key_file" {
			flags.String(field.Flag, field.Default, field.Doc+" ("+field.Env+")")
		}
	}
	settings := func(cmd *cobra.Command) (server.Config, error) {
		given, err := config.Load(config.Sources{
			File:   first(file, streams.Getenv("WINDLASS_CONFIG")),
			Getenv: streams.Getenv, Flags: setFlags(cmd),
		})
		if err != nil {
			return server.Config{}, err
		}
		identity, err := awsIdentity(cmd.Context(), given.AWSRegion)
		if err != nil {
			return server.Config{}, err
		}
		return server.Config{
			Settings: given, AWS: identity,
			Logger: telemetry.Logger(streams.Err, given.LogFormat, given.LogLevel), Now: streams.Now,
		}, nil
	}
	cmd.AddCommand(newMasterKeyRotate(streams, settings), newMasterKeyFinish(streams, settings),
		newMasterKeyAccept(streams, settings))
	return cmd
}

type masterKeySettings func(*cobra.Command) (server.Config, error)

func newMasterKeyRotate(streams Streams, settings masterKeySettings) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:     "rotate",
		Short:   "Create a new master key and rewrap every secret's key",
		Long:    "Create a new master key and rewrap every secret's key with it. The secrets don't change, and\nold master keys still work, so a running service continues and seals with the new key.\nAfterwards, finish removes the old keys.",
		Example: "  windlass master-key rotate\n  windlass master-key rotate --to aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234…",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onMasterKey(cmd, streams, settings,
				"Rewrapped secrets: %d. When every node has the new master key, run: windlass master-key "+
					"finish\n", func(ctx context.Context, cfg server.Config) (int, error) {
					return server.RotateMasterKey(ctx, cfg, to)
				})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "address of a key in AWS KMS or Vault (default: a generated key)")
	return cmd
}

func newMasterKeyFinish(streams Streams, settings masterKeySettings) *cobra.Command {
	return &cobra.Command{
		Use: "finish", Short: "Remove the old master keys when no secret needs them", Args: cobra.NoArgs,
		Example: "  windlass master-key finish",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onMasterKey(cmd, streams, settings, "Removed old master keys: %d.\n",
				server.FinishMasterKey)
		},
	}
}

func newMasterKeyAccept(streams Streams, settings masterKeySettings) *cobra.Command {
	return &cobra.Command{
		Use: "accept", Short: "Accept this node's master key after the old one was lost", Args: cobra.NoArgs,
		Long: "Accept this node's master key for a state in PostgreSQL, after the old key was lost. Secrets that " +
			"the\n" +
			"old key sealed are lost: enter access keys again. Don't use this command if another\nnode still has " +
			"the old key: copy that key instead.",
		Example: "  windlass master-key accept",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := settings(cmd)
			if err != nil {
				return err
			}
			if err := server.AcceptMasterKey(cmd.Context(), cfg); err != nil {
				return err
			}
			_, err = fmt.Fprintln(streams.Out, "The state now uses this node's master key. Enter access keys again.")
			return err
		},
	}
}

func onMasterKey(cmd *cobra.Command, streams Streams, settings masterKeySettings, done string,
	do func(context.Context, server.Config) (int, error),
) error {
	cfg, err := settings(cmd)
	if err != nil {
		return err
	}
	n, err := do(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(streams.Out, done, n)
	return err
}
