package server

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/transfer"
)

// Defaults of settings that are 0, and bounds that are fixed
// (docs/operate/limits.md).
const (
	headerBytes   = 64 << 10
	headerTimeout = 10 * time.Second
	bodyIdle      = 30 * time.Second
	wholeBody     = time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 20 * time.Second
	rateGrace     = 30 * time.Second
	logEvery      = time.Minute // a limit that is hit is logged so often
)

// openLimits builds the limits, the spool and the list of trusted proxies.
func (s *Server) openLimits(context.Context) (err error) {
	settings := &s.config.Settings
	if s.proxies, err = clientaddr.Parse(settings.TrustedProxies); err != nil {
		return err
	}
	if settings.SpoolDir != "" {
		if err := os.MkdirAll(settings.SpoolDir, 0o700); err != nil {
			return fmt.Errorf("making the folder for answers and uploads: %w", err)
		}
	}
	s.spool = spool.NewPool(spool.Config{
		Dir: settings.SpoolDir, Memory: int64(settings.AnswerMemory), Most: int64(settings.AnswerSpool),
		Total: cmp.Or(int64(settings.SpoolBytes), spool.Total(cmp.Or(settings.SpoolDir, os.TempDir()))),
	})
	s.limiter = limit.New(limit.Config{
		TokenConcurrency: settings.TokenConcurrency, AddressConcurrency: settings.AddressConcurrency,
		WorkspaceConcurrency: settings.WorkspaceConcurrency,
		StreamConcurrency:    settings.StreamConcurrency, Streams: settings.Streams,
		TokenRate: settings.TokenRate, PublishableRate: settings.PublishableRate,
		PublishableBytes: int64(settings.PublishableBytes),
		Now:              s.config.Now, Hit: s.limitHit,
	})
	return nil
}

// bounded wraps a handler with everything that precedes a route: the client's
// address, the deadlines of body and answer, and HSTS.
func (s *Server) bounded(next http.Handler) http.Handler {
	settings := &s.config.Settings
	return s.proxies.Handler(transfer.Handler(s.heads(s.strict(next)), transfer.Config{
		ReadIdle: settings.HTTPReadIdle.Or(bodyIdle), WriteIdle: settings.HTTPWriteIdle.Or(bodyIdle), Whole: wholeBody,
		MinRate: int64(settings.HTTPMinRate), Grace: rateGrace, Now: time.Now,
		Slow: func(ctx context.Context, reason string) { s.metrics.Rejected(ctx, reason) },
	}), s.config.Now, s.proxyUntrusted)
}

// strict sends HSTS to browsers that use TLS, so that they only use TLS in future.
func (s *Server) strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.config.Settings.TLS() && clientaddr.Of(r).HTTPS {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// proxyUntrusted logs a proxy that the settings don't name.
func (s *Server) proxyUntrusted(r *http.Request, peer string) {
	s.config.Logger.WarnContext(r.Context(), telemetry.ProxyUntrusted, "peer", peer,
		"hint", "all clients behind it share one address in limits and the audit log: add it to trusted_proxies, "+
			"or stop it from sending X-Forwarded-For")
	s.log.Record(r.Context(), security.Event{
		Kind: security.ProxyUntrusted, Address: peer,
		Reason: "A proxy that isn't in trusted_proxies sent a client's address.",
	})
}

// limitHit counts a refusal, and logs each limit at most once a minute.
func (s *Server) limitHit(hit limit.Hit) {
	s.metrics.Rejected(context.Background(), hit.Reason)
	s.log.Record(context.Background(), security.Event{
		Kind: security.LimitHit, Address: hit.Address, Subject: hit.Token, Reason: "Too many " + hit.Limit + ".",
	})
	if s.hits.first(hit.Limit, s.config.Now()) {
		s.config.Logger.Warn(telemetry.LimitHit, "limit", hit.Limit, "token", hit.Token, "address", hit.Address)
	}
}

// seldom reports the first event of a kind within a minute. Its kinds are few.
type seldom struct {
	mu   sync.Mutex
	next map[string]time.Time
}

func (s *seldom) first(kind string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.next[kind]) {
		return false
	}
	if s.next == nil {
		s.next = map[string]time.Time{}
	}
	s.next[kind] = now.Add(logEvery)
	return true
}

// newHTTP returns a server with the bounds that belong to connections.
func (s *Server) newHTTP(ctx context.Context, handler http.Handler) *http.Server {
	settings := &s.config.Settings
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: settings.HTTPHeaderTimeout.Or(headerTimeout),
		IdleTimeout:    settings.HTTPIdleTimeout.Or(idleTimeout),
		MaxHeaderBytes: int(cmp.Or(settings.HTTPHeaderBytes, headerBytes)) + targetBytes,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 128,
			WriteByteTimeout:     settings.HTTPWriteIdle.Or(bodyIdle),
		},
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    quiet(s.config.Logger),
	}
}

// countConnections limits the connections of a listener.
func (s *Server) countConnections(listener net.Listener) net.Listener {
	settings := &s.config.Settings
	return limit.Listener(listener, limit.ListenerConfig{
		Connections: settings.HTTPConnections, PerAddress: settings.AddressConnections, Proxies: s.proxies,
		Hit: s.limitHit,
	})
}
