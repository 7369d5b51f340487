package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// recheck is the interval for checking the files of a certificate.
const recheck = time.Second

// openTLS builds the service's own TLS from files or with ACME. Without
// either there is none.
func (s *Server) openTLS() (err error) {
	settings := &s.config.Settings
	switch {
	case settings.TLSCert != "":
		files := &certificate{cert: settings.TLSCert, key: settings.TLSKey, now: s.config.Now, logger: s.config.Logger}
		if err := files.load(); err != nil {
			return unusable(settings.TLSCert, err)
		}
		s.tls, s.cert = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get}, files
	case settings.ACMEDomains != "":
		if s.acme, err = newACME(settings.Dir, settings.ACMEEmail, settings.ACMEDirectory,
			settings.Domains()); err != nil {
			return err
		}
		s.tls = s.acme.TLSConfig()
		s.tls.MinVersion = tls.VersionTLS12
	}
	return nil
}

// unusable returns the problem of a certificate that can't be loaded.
func unusable(file string, err error) error {
	return problem.Wrap(err, problem.Invalid, "The certificate in %s can't be used: %v.", file, err).
		WithHint("Set tls_cert to a PEM file with the certificate and its chain, and tls_key to a PEM file with its key.")
}

// newACME returns the manager of certificates from an ACME CA (RFC 8555). It
// keeps them and the account's key in a folder that only this user can read.
func newACME(dir, email, directory string, domains []string) (*autocert.Manager, error) {
	cache := filepath.Join(dir, "acme")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for certificates: %w", err)
	}
	if err := os.Chmod(cache, 0o700); err != nil { //nolint:gosec // G302: a folder
		return nil, fmt.Errorf("protecting the folder for certificates: %w", err)
	}
	manager := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cache), HostPolicy: autocert.HostWhitelist(domains...),
		Email: email,
	}
	if directory != "" {
		manager.Client = &acme.Client{DirectoryURL: directory}
	}
	return manager, nil
}

// certificate is a certificate in files. It is read again when they change.
type certificate struct {
	cert, key string
	now       func() time.Time
	logger    *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	stamp   string
	checked time.Time
}

// get returns the certificate for a handshake. If the files can't be read, it
// returns the previous one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.checked) >= recheck || now.Before(c.checked) {
		c.checked = now
		if stamp := c.stampNow(); stamp != c.stamp {
			c.stamp = stamp
			if err := c.read(); err != nil {
				c.logger.Error(telemetry.CertificateNotRead, "file", c.cert, "cause", err)
			}
		}
	}
	return c.loaded, nil
}

// certificateUntil returns when the certificate in files expires, or zero if
// there is none.
func (s *Server) certificateUntil() time.Time {
	if s.cert == nil {
		return time.Time{}
	}
	loaded, _ := s.cert.get(nil)
	if loaded == nil || loaded.Leaf == nil {
		return time.Time{}
	}
	return loaded.Leaf.NotAfter
}

// load reads the files for the first time.
func (c *certificate) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp, c.checked = c.stampNow(), c.now()
	return c.read()
}

func (c *certificate) read() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err == nil {
		c.loaded = &pair
	}
	return err
}

// stampNow returns a text that changes with the files.
func (c *certificate) stampNow() string {
	var stamp string
	for _, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
		}
	}
	return stamp
}

// RedirectHandler serves plain HTTP next to the service's own TLS: it answers
// ACME challenges and redirects everything else to the public address. It
// ignores the request's Host.
func (s *Server) RedirectHandler() http.Handler {
	redirect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target, err := url.Parse(s.config.Settings.PublicURL)
		if err != nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Use HTTPS.", http.StatusBadRequest)
			return
		}
		target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
		http.Redirect(w, r, target.String(), http.StatusMovedPermanently)
	})
	if s.acme == nil {
		return redirect
	}
	return s.acme.HTTPHandler(redirect)
}

// serve serves a listener, with TLS if the server has a TLS configuration.
func serve(server *http.Server, listener net.Listener) error {
	if server.TLSConfig != nil {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}
