package server

import (
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// newGuard returns the guard that creates clients for members' addresses.
func (s *Server) newGuard() *dial.Guard {
	settings := &s.config.Settings
	return dial.New(dial.Config{
		Policy: settings.DialPolicy(), Proxy: settings.DialProxy(), Logger: s.config.Logger, OnRefused: s.dialRefused,
	})
}

// dialRefused logs that an address of a member was refused.
func (s *Server) dialRefused(ctx context.Context, host, address, reason string) {
	s.config.Logger.DebugContext(ctx, telemetry.DialRefused, "host", host, "address", address, "reason", reason)
	from := door.From(ctx)
	s.log.Record(ctx, security.Event{
		Kind: security.DialRefused, Address: from.Address, RequestID: from.ID,
		Reason: "Refused to connect to a blocked address.",
	})
}

// bucketTransports carry requests to buckets.
type bucketTransports struct {
	guard    *dial.Guard
	operator string            // the address of the AWS stand-in
	ordinary http.RoundTripper // to that address alone
}

func (s *Server) newBucketTransports(guard *dial.Guard) *bucketTransports {
	return &bucketTransports{guard: guard, operator: s.config.Settings.AWSEndpoint, ordinary: s3.NewTransport()}
}

// of returns the transport for a bucket. If a member names the operator's
// address, it is the transport of buckets without an endpoint.
func (b *bucketTransports) of(reach object.Access) http.RoundTripper {
	switch reach.Endpoint {
	case "":
		return b.guard.Transport(dial.AWS)
	case b.operator:
		return b.ordinary
	}
	return b.guard.Transport(dial.Endpoint)
}
