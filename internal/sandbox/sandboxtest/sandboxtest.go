// Package sandboxtest is the public sandboxtest for this repository's own
// tests, which may reach deeper.
package sandboxtest

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/sandboxtest"
)

// What is the same as in the public package.
type (
	// Server is a running sandbox.
	Server = sandboxtest.Server
	// Account is one account of the server.
	Account = sandboxtest.Account
	// Option changes what [Start] starts.
	Option = sandboxtest.Option
)

// Start runs a sandbox until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	return sandboxtest.Start(t, options...)
}

// WithDir keeps everything in a folder.
func WithDir(dir string) Option { return sandboxtest.WithDir(dir) }

// WithRegion sets the region.
func WithRegion(region string) Option { return sandboxtest.WithRegion(region) }

// WithClock sets the clock by which signatures and sessions expire.
func WithClock(now func() time.Time) Option { return sandboxtest.WithClock(now) }

// WithConfig changes anything else.
func WithConfig(change func(*sandbox.Config)) Option { return change }

// ClientAt is an S3 client for a sandbox in another process. It tries once.
func ClientAt(url string, keys aws.Credentials) *s3.Client { return sandboxtest.ClientAt(url, keys) }
