package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/secret"
)

// The account under test. The tests use its access key as its name, and expect
// that name where AWS has the account's number.
const (
	account = "000000000000"
	rootKey = "conformance-root-secret-key-of-40-chars."
)

// serve runs a sandbox on a free port, calls use with its address, and closes
// the sandbox afterwards.
func serve(ctx context.Context, config sandbox.Config, asSent bool, use func(address string) error) error {
	box, err := sandbox.Open(ctx, config)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, box.Close())
	}
	address := "http://" + listener.Addr().String()
	server := &http.Server{Handler: newAdmin(box, address, asSent), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	err = errors.Join(use(address), server.Close(), box.Close())
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// test runs versitygw's tests against a new sandbox, and returns their output.
// owner is the canonical user ID of the account; if empty, it is generated.
// The binary runs in its own folder, because it starts itself as ./versitygw.
// Its status only shows whether some tests failed.
func test(ctx context.Context, o options, owner string, arguments []string) ([]byte, error) {
	binary, err := filepath.Abs(o.versitygw)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	config := sandbox.Config{
		Accounts: []sandbox.AccountSpec{
			{
				ID:                  account,
				Name:                "tested",
				CanonicalID:         owner,
				RootAccessKeyID:     account,
				RootSecretAccessKey: secret.New(rootKey),
			},
		},
		Buckets: s3api.BucketDefaults{PublicAccess: true},
	}
	err = serve(ctx, config, o.asSent, func(address string) error {
		command := exec.CommandContext( //nolint:gosec // the binary from the flags
			ctx,
			binary,
			append(
				[]string{"test", "--access", account, "--secret", rootKey, "--endpoint", address},
				arguments...)...)
		command.Dir, command.Env = filepath.Dir(binary), withoutAWS(os.Environ())
		command.Stdout, command.Stderr = &text, &text
		if err := command.Run(); err != nil {
			fmt.Fprintln(&text, err)
		}
		return nil
	})
	return text.Bytes(), err
}

// withoutAWS removes the settings of AWS clients from an environment.
func withoutAWS(environment []string) []string {
	return slices.DeleteFunc(environment, func(v string) bool { return strings.HasPrefix(v, "AWS_") })
}
