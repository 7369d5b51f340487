package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/job"
)

func newCICredentials(streams Streams) *cobra.Command {
	var x exchange
	cmd := &cobra.Command{
		Use:   "credentials",
		Short: "Print the job's credentials for an AWS SDK's credential_process",
		Long: `Print the job's credentials in the format of credential_process, version 1, for an
AWS SDK.

An ID token can be exchanged once, unless its grant allows more. Where the CI
issues a new token for each call (CircleCI, GitHub, Buildkite), any number of
programs can use it; elsewhere use windlass ci exec.`,
		Example: "  # in ~/.aws/config\n  [profile builds]\n  credential_process = windlass ci credentials --grant builds",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := x.complete(streams); err != nil {
				return err
			}
			made, _, err := x.vend(cmd.Context(), streams)
			if err != nil {
				return err
			}
			text, err := made.Process()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(streams.Out, "%s\n", text)
			return err
		},
	}
	x.flags(cmd)
	return cmd
}

func newCIEnv(streams Streams) *cobra.Command {
	var x exchange
	var format string
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the job's credentials as environment variables",
		Long: `Print the job's credentials as environment variables for a shell.

They aren't renewed. Prefer windlass ci exec, which leaves no keys in the
environment of later steps.`,
		Example: "  eval \"$(windlass ci env)\"\n  windlass ci env --format dotenv >> \"$GITHUB_ENV\"\n  windlass ci env >> \"$BASH_ENV\"          # CircleCI\n  windlass ci env --format fish | source",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := (job.Credentials{}).Variables(job.Format(format)); err != nil {
				return err // before the token is used up
			}
			if err := x.complete(streams); err != nil {
				return err
			}
			made, _, err := x.vend(cmd.Context(), streams)
			if err != nil {
				return err
			}
			text, err := made.Variables(job.Format(format))
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(streams.Out, text)
			return err
		},
	}
	x.flags(cmd)
	cmd.Flags().StringVar(&format, "format", string(job.Shell), "sh, fish, powershell or dotenv")
	return cmd
}
