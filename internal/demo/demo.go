// Package demo runs Windlass from end to end in one process: a sandbox AWS
// with a customer's bucket, the service, and an app that reads. It follows the
// steps of the AWS integration and prints each one. Every call is signed and
// goes over loopback.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/server"
)

// Config configures the demo. Every field not marked optional is required.
type Config struct {
	Version string
	Command string // how a shell runs this program, such as "bin/windlass"
	Dir     string // optional; a folder to keep the state in and resume from; empty: a temporary one
	Data    string // optional; a folder of files to upload; empty: the sample files
	Listen  string // address of the console and API; port 0 picks a free one
	Once    bool   // exit after the last step
	JSON    bool   // print one JSON object at the end instead of the steps
	Out     io.Writer
	Logger  *slog.Logger
	Now     func() time.Time
}

// Report is the result of the demo, for programs.
type Report struct {
	Integration ReportIntegration `json:"integration"`
	Checks      []ReportCheck     `json:"checks"`
	Datasets    []ReportDataset   `json:"datasets"`
	Requests    []ReportRequest   `json:"requests"`
	Unreadable  []ReportFile      `json:"unreadable"`
	Refused     []ReportRefusal   `json:"refused"`
}

// ReportIntegration is the integration's final state.
type ReportIntegration struct {
	ID           string `json:"id"`
	State        string `json:"state"`
	ExternalID   string `json:"external_id"`
	PrincipalARN string `json:"principal_arn"`
	RoleARN      string `json:"role_arn"`
}

// ReportCheck is one check of the verification.
type ReportCheck struct {
	Code   string `json:"code"`
	Status string `json:"status"`
}

// ReportDataset is a dataset and the file that it was loaded from.
type ReportDataset struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	File       string `json:"file"`
	Rows       int64  `json:"rows"`
	Rejected   int64  `json:"rejected"`
	Duplicates int64  `json:"duplicates"`
}

// ReportFile is a file that couldn't be read.
type ReportFile struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// ReportRequest is an app's request and the number of rows it returned.
type ReportRequest struct {
	URL    string `json:"url"`
	Status int    `json:"status"`
	Rows   int    `json:"rows"`
}

// ReportRefusal is a request that was refused, as it should be.
type ReportRefusal struct {
	What   string `json:"what"`
	Answer string `json:"answer"`
}

// demo is one run of the demo.
type demo struct {
	config   Config
	dir      string
	sandbox  *sandbox.Sandbox
	endpoint string // of the sandbox
	customer *customer
	service  *server.Server
	url      string // of the service
	start    server.Start
	token    string
	api      *client.Client
	story    *story
	report   Report
}

// Run runs the demo until its last step if Once is set, else until ctx is
// done.
func Run(ctx context.Context, cfg Config) error {
	d := &demo{
		config: cfg,
		story:  newStory(cfg.Out, cfg.JSON),
		report: Report{Unreadable: []ReportFile{}, Datasets: []ReportDataset{}},
	}
	clean, err := d.makeDir()
	if err != nil {
		return err
	}
	defer clean()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 2)
	running, err := d.open(ctx, ended)
	if err == nil {
		err = d.steps(ctx)
	}
	if err == nil && !cfg.Once {
		err = d.stay(ctx, ended)
	}
	cancel()
	for range running {
		err = errors.Join(err, <-ended)
	}
	return errors.Join(err, d.close()) //nolint:contextcheck // closing outlives the canceled context
}

func (d *demo) makeDir() (clean func(), err error) {
	if d.config.Dir != "" {
		d.dir = d.config.Dir
		return func() {}, os.MkdirAll(d.dir, 0o700)
	}
	d.dir, err = os.MkdirTemp("", "windlass-demo-")
	return func() { _ = os.RemoveAll(d.dir) }, err
}

// open starts the sandbox, creates the service's principal there, and starts
// the service. Each of the running servers sends its error to ended when it
// stops; running counts them.
func (d *demo) open(ctx context.Context, ended chan<- error) (running int, err error) {
	box, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	d.endpoint = "http://" + box.Addr().String()
	d.sandbox, err = sandbox.Open(
		ctx,
		sandbox.Config{Dir: filepath.Join(d.dir, "aws"), Logger: d.config.Logger, Now: d.config.Now},
	)
	if err != nil {
		return 0, errors.Join(err, box.Close())
	}
	go func() { ended <- serveSandbox(ctx, box, d.sandbox) }()
	accounts := map[string]sandbox.Account{}
	for _, account := range d.sandbox.Accounts() {
		accounts[account.Name] = account
	}
	d.customer = newCustomer(d.endpoint, d.sandbox.Region(), accounts["customer"])
	keys, err := serviceKey(ctx, d.endpoint, d.sandbox.Region(), accounts["service"])
	if err != nil {
		return 1, err
	}
	door, err := listen(ctx, d.config.Listen)
	if err != nil {
		return 1, err
	}
	d.url = "http://" + door.Addr().String()
	d.service, err = server.Open(ctx, server.Config{
		Settings: d.settings(
			door.Addr().String(),
		), Version: d.config.Version, Logger: d.config.Logger, Now: d.config.Now,
		AWS:     credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey.Reveal(), ""),
		Sandbox: d.sandbox,
	})
	if err == nil {
		err = d.bootstrap(ctx)
	}
	if err != nil {
		return 1, errors.Join(err, door.Close())
	}
	go func() { ended <- d.service.Serve(ctx, door) }()
	return 2, nil
}

func (d *demo) settings(address string) config.Config {
	settings, _ := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: map[string]string{
		"listen": address, "dir": filepath.Join(d.dir, "windlass"), "workspace": "demo",
		"aws_endpoint": d.endpoint, "aws_region": d.sandbox.Region(),
	}})
	return settings
}

// tokenFile returns the path of the file with the demo's token.
func (d *demo) tokenFile() string { return filepath.Join(d.dir, "token") }

// bootstrap creates the workspace, a sign-in link and a token for this run.
func (d *demo) bootstrap(ctx context.Context) (err error) {
	if d.start, err = d.service.Bootstrap(ctx); err != nil {
		return err
	}
	if d.start.SignIn, err = d.service.SignInLink(ctx, ""); err != nil { // also when the demo resumes from a folder
		return err
	}
	text, err := d.service.MakeToken(ctx, "demo")
	if err != nil {
		return err
	}
	d.token = text.Reveal()
	if err := os.WriteFile(d.tokenFile(), []byte(d.token+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the demo's token: %w", err)
	}
	d.api, err = client.New(client.Config{URL: d.url, Token: d.token, Workspace: d.start.Workspace})
	return err
}

// stay waits until ctx is done or a server stops.
func (d *demo) stay(ctx context.Context, ended chan error) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		ended <- nil
		return err
	}
}

func (d *demo) close() error {
	var faults []error
	if d.service != nil {
		faults = append(faults, d.service.Close())
	}
	if d.sandbox != nil {
		faults = append(faults, d.sandbox.Close())
	}
	return errors.Join(faults...)
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return listener, nil
}

func serveSandbox(ctx context.Context, listener net.Listener, box *sandbox.Sandbox) error {
	httpServer := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = httpServer.Close() })
	defer stop()
	if err := httpServer.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the sandbox: %w", err)
	}
	return nil
}
