// Command windlass raises data from other people's S3 buckets, holding none of
// their keys. Run windlass --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "golang.org/x/crypto/x509roots/fallback" // for containers without certificates of their own

	"github.com/windlass-io/windlass/internal/cli"
)

var version = "dev" // set when a release is built

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := cli.Run(ctx, version, os.Args[1:], cli.Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Environ: os.Environ, Now: time.Now, Browse: cli.Browse,
	})
	stop()
	os.Exit(status)
}
