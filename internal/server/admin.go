package server

import (
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
)

// AdminHandler serves the admin listener: metrics, pprof and health. A listener
// on a loopback address only serves requests for a loopback name, so that a web
// page can't read it by resolving its own name to this machine.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz(true))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if onLoopback(r) && !door.Local(r) {
			http.Error(w, "The admin listener accepts only localhost or an IP address as host.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// onLoopback reports whether a request came in on a loopback address.
func onLoopback(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	address, err := netip.ParseAddrPort(local.String())
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// publicMetrics serves /metrics on the public listener, only for tokens that
// may read them.
func (s *Server) publicMetrics(w http.ResponseWriter, r *http.Request) {
	_, r = door.Enter(w, r, s.config.Now()) //nolint:contextcheck // it wraps the request's context
	visit := s.limiter.Visit(clientaddr.Of(r).Key())
	defer visit.Leave()
	if err := visit.Anonymous(); err != nil {
		w.Header().Set("Retry-After", limit.RetryAfter(err))
		http.Error(w, err.Error(), http.StatusTooManyRequests)
		return
	}
	allowed := s.config.MetricsAllowed
	if allowed == nil {
		allowed = s.mayReadMetrics
	}
	switch {
	case allowed(r):
		w.Header().Set("Cache-Control", "no-store")
		s.metrics.Handler().ServeHTTP(w, r)
	case r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "Metrics need a token with the scope metrics, or the admin listener.", http.StatusUnauthorized)
	default:
		http.Error(w, "This token doesn't have the scope metrics.", http.StatusForbidden)
	}
}

// mayReadMetrics reports whether a request's bearer token has the scope metrics
// and an operator as its maker. The decision is recorded.
func (s *Server) mayReadMetrics(r *http.Request) bool {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return false
	}
	text = strings.TrimSpace(text)
	actor, err := s.tokens.Authenticate(r.Context(), text)
	if problem.Is(err, problem.Unauthenticated) {
		err = s.refusedToken(r.Context(), text, err)
	}
	if err != nil {
		return false
	}
	return s.checker.Check(r.Context(), actor, access.MetricsRead, access.Resource{Kind: access.KindInstance}) == nil
}
