// Package dial provides the HTTP clients for all addresses that customers or
// members choose: endpoints, key sets and discovery of CI providers, webhooks
// and URL sources. Such an address must not lead Windlass into its own network
// (server-side request forgery), and its errors must not describe that network.
//
//	Policy.Endpoint, Policy.URL   the syntax, when an address is saved
//	Policy.Judge                  an IP address
//	Guard.Client                  each connection, after DNS, at each attempt
//
// The operator's own settings, such as aws_endpoint and oidc_issuer, use an
// ordinary client.
package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// Config configures a [Guard]. Every field is optional.
type Config struct {
	Policy Policy
	// Proxy is the HTTP proxy through which all connections go, http:// or
	// https://, with a user and a password if it needs them; nil: none.
	// HTTP_PROXY and similar variables are never used.
	Proxy *url.URL
	// Logger gets the cause of every failed request; default: discarded.
	Logger *slog.Logger
	// OnRefused is called for each address or name that is refused. It may
	// be called concurrently.
	OnRefused func(ctx context.Context, host, address, reason string)
	// Resolver looks names up; default: the system's.
	Resolver *net.Resolver
	// RootCAs verify certificates; default: the system's.
	RootCAs *x509.CertPool
	// Control is called for each allowed address before it is connected. An
	// error keeps it from being connected.
	Control func(ctx context.Context, network, address string, c syscall.RawConn) error
}

// Guard provides guarded clients. It is safe for concurrent use.
type Guard struct {
	config  Config
	clients map[Use]*http.Client
}

// New returns a guard. Its clients share their connections.
func New(config Config) *Guard {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Resolver == nil {
		config.Resolver = net.DefaultResolver
	}
	g := &Guard{config: config, clients: map[Use]*http.Client{}}
	for _, use := range Uses() {
		c := g.newCarrier(use)
		g.clients[use] = &http.Client{Transport: c, CheckRedirect: c.checkRedirect}
	}
	return g
}

// Client returns the client for a use. A request without a response fails
// with a [*problem.Error] with code refused, the same for every cause. A
// request that its caller cancels fails with the context's error.
func (g *Guard) Client(use Use) *http.Client { return g.clients[use] }

// Transport returns the transport of [Guard.Client], for a client of another
// package. That client must not follow redirects.
func (g *Guard) Transport(use Use) http.RoundTripper { return g.clients[use].Transport }

func (g *Guard) newCarrier(use Use) *carrier {
	policy := g.config.Policy
	if use == AWS {
		policy = policy.forAWS()
	}
	c := &carrier{guard: g, use: use, limits: use.limits(), policy: policy}
	c.inner = &http.Transport{
		DialContext:            c.dial, // and no Proxy
		TLSClientConfig:        &tls.Config{RootCAs: g.config.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshakeTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableKeepAlives:      !c.limits.pooled,
		ForceAttemptHTTP2:      !c.limits.pooled, // many connections carry more than many streams of one
	}
	if c.limits.pooled {
		c.inner.MaxIdleConns, c.inner.MaxIdleConnsPerHost = 256, 64
		c.inner.ReadBufferSize = 64 << 10
	}
	if c.limits.maxBody == 0 {
		c.inner.DisableCompression = true // read an object's bytes as stored
	}
	return c
}

// dial connects to an address of a host that the policy allows.
func (c *carrier) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if c.guard.config.Proxy != nil {
		return c.dialProxy(ctx, host, address)
	}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Resolver: c.guard.config.Resolver}
	dialer.ControlContext = func(ctx context.Context, network, address string, raw syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if err := c.judge(ctx, host, address, to.Addr()); err != nil {
			return err
		}
		if c.guard.config.Control != nil {
			return c.guard.config.Control(ctx, network, address, raw)
		}
		return nil
	}
	return dialer.DialContext(ctx, network, address)
}

// judge returns a [*RefusedError] for an address that the policy refuses.
func (c *carrier) judge(ctx context.Context, host, address string, ip netip.Addr) error {
	reason := c.policy.Judge(ip)
	if reason == "" {
		return nil
	}
	return c.guard.refuse(ctx, &RefusedError{Host: host, Address: address, Reason: reason})
}

// refuse reports a refusal, and returns it.
func (g *Guard) refuse(ctx context.Context, refused *RefusedError) error {
	if g.config.OnRefused != nil {
		g.config.OnRefused(ctx, refused.Host, refused.Address, refused.Reason)
	}
	return refused
}

// log logs the cause, which the caller doesn't see.
func (c *carrier) log(ctx context.Context, host string, cause error) {
	refused := &RefusedError{}
	_ = errors.As(cause, &refused)
	c.guard.config.Logger.WarnContext(ctx, telemetry.DialFailed, "use", string(c.use),
		"host", host, "address", refused.Address, "reason", refused.Reason, "cause", cause)
}
