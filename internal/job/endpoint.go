package job

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
)

// Endpoint is a container-credentials endpoint: what the AWS SDKs ask when
// AWS_CONTAINER_CREDENTIALS_FULL_URI names it. It listens on loopback and
// answers those who bring its token. See
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
type Endpoint struct {
	URL   string
	Token secret.String

	credentials func(context.Context) (Credentials, error)
	host        string
	server      *http.Server
	done        chan struct{}
}

const credentialsPath = "/credentials"

// Listen starts an endpoint that gives what credentials gives. The caller
// closes it.
func Listen(ctx context.Context, credentials func(context.Context) (Credentials, error)) (*Endpoint, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	e := &Endpoint{
		URL: "http://" + listener.Addr().String() + credentialsPath, Token: secret.New(rand.Text()),
		credentials: credentials, host: listener.Addr().String(), done: make(chan struct{}),
	}
	e.server = &http.Server{
		Handler: e, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	go func() {
		defer close(e.done)
		_ = e.server.Serve(listener)
	}()
	return e, nil
}

// Close ends the endpoint and waits for it.
func (e *Endpoint) Close() error {
	err := e.server.Close()
	<-e.done
	return err
}

// ServeHTTP serves one request. A page in a browser of this machine cannot
// ask: it has no token, and it would name another host.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Host != e.host || r.URL.Path != credentialsPath || r.Method != http.MethodGet:
		answer(w, http.StatusNotFound, fault{"NotFound", "There is nothing here."})
		return
	case !secret.New(r.Header.Get("Authorization")).Equal(e.Token):
		answer(w, http.StatusUnauthorized, fault{
			"Unauthorized",
			"The authorization token is not the one of this endpoint.",
		})
		return
	}
	found, err := e.credentials(r.Context())
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			answer(w, http.StatusForbidden, fault{"CredentialsNotAvailable", err.Error()})
		}
		return
	}
	answer(w, http.StatusOK, containerAnswer{
		AccessKeyID: found.AccessKeyID, SecretAccessKey: found.SecretAccessKey.Reveal(),
		Token: found.SessionToken.Reveal(), Expiration: found.Expiration.UTC().Format(time.RFC3339),
	})
}

type containerAnswer struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	Token           string `json:"Token"`
	Expiration      string `json:"Expiration"`
}

type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func answer(w http.ResponseWriter, status int, document any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document)
}
