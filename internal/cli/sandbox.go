package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/listen"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// sandboxCommand runs the AWS stand-in alone.
type sandboxCommand struct {
	listen  string
	dir     string
	sync    bool
	keys    string
	tls     bool
	region  string
	old     bool // buckets as before April 2023
	faults  []string
	format  string
	json    bool
	verbose bool
	streams Streams
}

func newSandbox(streams Streams) *cobra.Command {
	c := &sandboxCommand{streams: streams}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run a stand-in for AWS that enforces policies",
		Long: `Run a stand-in for AWS: S3, IAM, STS, KMS, SQS and Organizations on one address. It
checks every signature and enforces every policy, with the service control policies
and resource control policies of an organization. It has two accounts, the service's
and a customer's, and prints their root keys as shell exports.

Without --dir everything is in memory. With --dir, acknowledged writes survive the
process, even after a crash. A power cut can lose the last seconds: a damaged
object is then refused, never served. With --sync, every write is on disk before
it is acknowledged.

Denied calls are logged with the reason; GET /_sandbox/decisions returns the last
ones.

--fault injects a fault: its kind, then name=value pairs:
  which calls   service, action, bucket, key, principal, region; * matches any text
  how often     probability (0 to 1), count
  how long      for, such as 30s
  how           delay, such as 2s (slow, skew, propagation, events); bytes (slow, cut)
Kinds: throttle, internal, unavailable, slow, cut, skew, propagation,
expired-session, region-disabled, kms-denied, archived, and for the events of a
bucket drop-event, duplicate-event, delay-event, reorder-events. While it runs,
GET, POST and DELETE /_sandbox/faults list, add and remove faults, as JSON.

--tls serves over HTTPS, so that policies on aws:SecureTransport can be tried. It
needs --keys: the folder also gets the certificate, ca.pem, and the exports set
AWS_CA_BUNDLE to it. Go programs, such as windlass serve, need SSL_CERT_FILE.

Version 1 of the aws command needs --endpoint-url for SQS.`,
		Example: `  windlass sandbox
  windlass sandbox --listen 127.0.0.1:9090 --dir ./aws --keys ./aws-keys
  eval "$(cat ./aws-keys/customer.env)" && aws s3 ls
  windlass sandbox --fault throttle,service=s3,probability=0.1 --fault propagation,delay=15s
  curl -X POST http://127.0.0.1:9090/_sandbox/faults -d '{"kind":"cut","bucket":"acme-*","bytes":1000,"count":1}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&c.listen, "listen", "127.0.0.1:9090", "address to listen on; port 0 picks a free one")
	flags.StringVar(&c.dir, "dir", "", "folder that keeps everything (default: memory)")
	flags.BoolVar(&c.sync, "sync", false, "with --dir: acknowledge a write when it is on disk, to survive a power cut; slower")
	flags.StringVar(&c.keys, "keys", "", "folder to write each account's root key to, as ACCOUNT.env")
	flags.BoolVar(&c.tls, "tls", false, "serve over HTTPS with a new certificate, written to the folder of --keys as ca.pem")
	flags.StringVar(&c.region, "region", sandbox.DefaultRegion, "region")
	flags.BoolVar(&c.old, "old-buckets", false, "create buckets as AWS did before April 2023: access control lists on, Block Public Access off")
	flags.StringArrayVar(&c.faults, "fault", nil, "inject a fault: KIND,NAME=VALUE,…; may be repeated")
	flags.StringVar(&c.format, "log-format", "text", "format of the log on standard error: text or json")
	flags.BoolVar(&c.json, "json", false, "print the endpoint and the keys as JSON")
	flags.BoolVar(&c.verbose, "verbose", false, "log every call, not only denied ones")
	return cmd
}

func (c *sandboxCommand) run(ctx context.Context) error {
	faults, err := c.readFaults()
	if err != nil {
		return err
	}
	if c.format != "text" && c.format != "json" {
		return usagef("--log-format must be text or json, not %q", c.format)
	}
	level := "info"
	if c.verbose {
		level = "debug"
	}
	if c.sync && c.dir == "" {
		return usagef("--sync needs --dir")
	}
	if c.tls && c.keys == "" {
		return usagef("--tls needs --keys, the folder for the certificate")
	}
	logger := telemetry.Logger(c.streams.Err, c.format, level)
	listener, err := listen.On(ctx, c.listen)
	if err != nil {
		return err
	}
	box, err := sandbox.Open(ctx, sandbox.Config{
		Dir: c.dir, Sync: c.sync, Region: c.region, Logger: logger,
		Now: c.streams.Now, Buckets: c.buckets(),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	for _, f := range faults {
		if _, err := box.Faults().Add(f); err != nil {
			return errors.Join(err, listener.Close(), box.Close())
		}
	}
	server := &http.Server{Handler: box, ReadHeaderTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10}
	endpoint, bundle := "http://"+listen.Reachable(listener), ""
	if c.tls {
		endpoint = "https://" + listen.Reachable(listener)
		bundle, err = c.serveTLS(server, listener)
	}
	if err == nil {
		err = c.announce(box, endpoint, bundle)
	}
	if err != nil {
		return errors.Join(err, listener.Close(), box.Close())
	}
	return errors.Join(serveUntil(ctx, server, listener), box.Close())
}

func (c *sandboxCommand) readFaults() ([]fault.Fault, error) {
	faults := make([]fault.Fault, len(c.faults))
	for i, line := range c.faults {
		var err error
		if faults[i], err = fault.Parse(line); err != nil {
			return nil, err
		}
	}
	return faults, nil
}

// serveUntil serves until the context ends, and then lets running calls
// finish for a moment.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
			return
		}
		ended <- server.Serve(listener)
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serving the sandbox: %w", err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

func (c *sandboxCommand) buckets() s3api.BucketDefaults {
	if !c.old {
		return s3api.BucketDefaults{}
	}
	return s3api.BucketDefaults{Ownership: "ObjectWriter", PublicAccess: true}
}

type sandboxAccount struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	AccessKeyID     string `json:"access_key_id"`
	SecretAccessKey string `json:"secret_access_key"`
}

type sandboxAnswer struct {
	Endpoint string           `json:"endpoint"`
	Region   string           `json:"region"`
	Bundle   string           `json:"ca_bundle,omitempty"` // file with the certificate, if the sandbox serves over HTTPS
	Accounts []sandboxAccount `json:"accounts"`
}

// announce prints how to reach the sandbox. It shows the keys, which are only
// valid in the sandbox. Otherwise only the end of the demo shows them.
func (c *sandboxCommand) announce(box *sandbox.Sandbox, endpoint, bundle string) error {
	answer := sandboxAnswer{Endpoint: endpoint, Region: box.Region(), Bundle: bundle}
	for _, account := range box.Accounts() {
		answer.Accounts = append(answer.Accounts, sandboxAccount{
			account.ID, account.Name, account.RootAccessKeyID,
			account.RootSecretAccessKey.Reveal(),
		})
	}
	if c.keys != "" {
		if err := answer.writeKeys(c.keys); err != nil {
			return err
		}
	}
	if c.json {
		return printJSON(c.streams.Out, answer)
	}
	return answer.print(c.streams.Out)
}

func (a sandboxAnswer) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "# S3, IAM, STS, KMS, SQS and Organizations listen at %s, region %s.\n# To act as the root of one of the "+
		"accounts, paste its lines into a shell.\n", a.Endpoint, a.Region)
	for _, account := range a.Accounts {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n# the %s's account, %s\n%s", account.Name, account.ID, a.exports(account))
		}
	}
	return err
}

func (a sandboxAnswer) exports(account sandboxAccount) string {
	bundle := ""
	if a.Bundle != "" {
		bundle = "export AWS_CA_BUNDLE='" + strings.ReplaceAll(a.Bundle, "'", `'\''`) + "'\n"
	}
	return bundle + fmt.Sprintf("export AWS_ENDPOINT_URL=%s AWS_REGION=%s AWS_DEFAULT_REGION=%s\nexport AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\nunset AWS_SESSION_TOKEN AWS_PROFILE\n",
		a.Endpoint, a.Region, a.Region, account.AccessKeyID, account.SecretAccessKey)
}

// writeKeys writes one file for each account, atomically, so that a program
// that waits for a file can read it as soon as it exists.
func (a sandboxAnswer) writeKeys(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return problem.New(problem.Invalid, "making the folder for the keys: %w", err).
			WithHint("Set --keys to a writable folder.")
	}
	for _, account := range a.Accounts {
		path := filepath.Join(dir, account.Name+".env")
		if err := os.WriteFile(path+".new", []byte(a.exports(account)), 0o600); err != nil {
			return fmt.Errorf("writing the keys of the %s's account: %w", account.Name, err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			return fmt.Errorf("writing the keys of the %s's account: %w", account.Name, err)
		}
	}
	return nil
}
