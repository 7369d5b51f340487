package cli

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/job"
	"github.com/windlass-io/windlass/internal/secret"
)

func newCI(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ci",
		Short: "Get short-lived credentials for a CI job",
		Long: `Get short-lived credentials for a CI job: the Windlass server exchanges the job's
ID token for credentials to the prefixes of one grant. No key is stored anywhere.

exec, credentials and env run in the job and need no API token. They find the ID
token of CircleCI, GitHub Actions, GitLab, Buildkite and HCP Terraform. With
--as-me they use your personal token instead. WINDLASS_URL and
WINDLASS_WORKSPACE name the server and the workspace.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newCIExec(streams), newCICredentials(streams), newCIEnv(streams), newCIExplain(streams),
		newCISetup(streams))
	return cmd
}

// exchange has what the commands of a job share: the location of the ID token,
// and the requested credentials.
type exchange struct {
	url, workspace string
	ask            job.Ask
	grant, prefix  string
	actions        []string
	duration       time.Duration
	asMe           bool // a member's, by their personal token
	insecure       bool // the token may go over plain HTTP
}

func (x *exchange) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&x.url, "url", "", "address of the Windlass server (WINDLASS_URL)")
	flags.StringVarP(&x.workspace, "workspace", "w", "", "workspace, by name or ID (WINDLASS_WORKSPACE)")
	flags.StringVar(&x.grant, "grant", "", "grant, by name or ID (WINDLASS_GRANT; default: the one that matches)")
	flags.StringVar(&x.prefix, "prefix", "", "restrict the credentials to this prefix of the grant")
	flags.StringSliceVar(&x.actions, "action", nil,
		"restrict the credentials to these actions: list, read, write, delete")
	flags.DurationVar(&x.duration, "duration", 0, "lifetime of the credentials, such as 30m (default: the grant's maximum)")
	flags.StringVar(&x.ask.Audience, "audience", "",
		"audience to ask the CI for (WINDLASS_AUDIENCE; default: the server's address, in CircleCI its own)")
	flags.BoolVar(&x.asMe, "as-me", false, "use the personal token in WINDLASS_TOKEN instead of a job's ID token")
	flags.StringVar(&x.ask.File, "token-file", "", "read the ID token from this file")
	insecureFlag(flags, &x.insecure)
	flags.StringVar(&x.ask.Env, "token-env", "", "read the ID token from this environment variable")
}

// complete fills in values from the environment, and checks the address that
// the token is sent to.
func (x *exchange) complete(streams Streams) error {
	x.url = strings.TrimSuffix(first(x.url, streams.Getenv("WINDLASS_URL")), "/")
	if x.url == "" {
		return usagef("no server: use --url or set WINDLASS_URL")
	}
	if err := secured(x.url, x.insecure, streams); err != nil {
		return err
	}
	x.workspace = first(x.workspace, streams.Getenv("WINDLASS_WORKSPACE"))
	x.grant = first(x.grant, streams.Getenv("WINDLASS_GRANT"))
	x.ask.CI = job.Detect(streams.Getenv)
	x.ask.Audience = first(x.ask.Audience, streams.Getenv("WINDLASS_AUDIENCE"))
	if x.ask.Audience == "" && x.ask.CI != job.CircleCI {
		x.ask.Audience = x.url
	}
	return nil
}

func (x *exchange) spec() client.ExchangeSpec {
	return client.ExchangeSpec{
		Workspace: x.workspace, Grant: x.grant, Prefix: x.prefix, Actions: x.actions,
		DurationSeconds: int(x.duration / time.Second),
	}
}

// vend gets credentials for the job, or for a member.
func (x *exchange) vend(ctx context.Context, streams Streams) (job.Credentials, client.VendedCredentials, error) {
	exchange := x.exchange
	if x.asMe {
		exchange = x.forMember
	}
	vended, err := exchange(ctx, streams)
	return job.Credentials{
		AccessKeyID: vended.AccessKeyID, SecretAccessKey: secret.New(vended.SecretAccessKey),
		SessionToken: secret.New(vended.SessionToken), Expiration: vended.Expiration,
	}, vended, err
}

func (x *exchange) forMember(ctx context.Context, streams Streams) (client.VendedCredentials, error) {
	conn := connection{url: x.url, workspace: x.workspace, insecure: x.insecure}
	api, err := conn.client(streams)
	if err != nil {
		return client.VendedCredentials{}, err
	}
	return api.VendForMe(ctx, x.spec())
}

// exchange gets an ID token and exchanges it.
func (x *exchange) exchange(ctx context.Context, streams Streams) (client.VendedCredentials, error) {
	token, err := tokensOf(streams).Token(ctx, x.ask)
	if err != nil {
		return client.VendedCredentials{}, err
	}
	api, err := client.New(client.Config{URL: x.url, Token: token.Text.Reveal(), HTTP: noRedirects()})
	if err != nil {
		return client.VendedCredentials{}, usageError{err}
	}
	return api.Exchange(ctx, x.spec())
}

func tokensOf(streams Streams) job.Tokens {
	return job.Tokens{
		Getenv: streams.Getenv, ReadFile: os.ReadFile, HTTP: noRedirects(),
		Run: func(ctx context.Context, name string, args ...string) ([]byte, error) {
			ctx, cancel := context.WithTimeout(ctx, ciTimeout)
			defer cancel()
			return exec.CommandContext(ctx, name, args...).Output() //nolint:gosec // G204: one of two names in package job
		},
	}
}

// ciTimeout limits each step of an exchange.
const ciTimeout = 30 * time.Second

// noRedirects returns a client that doesn't follow redirects, so that a token
// isn't sent elsewhere.
func noRedirects() *http.Client {
	return &http.Client{Timeout: ciTimeout, CheckRedirect: func(*http.Request,
		[]*http.Request,
	) error {
		return http.ErrUseLastResponse
	}}
}
