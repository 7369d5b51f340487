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

// Endpoint is a container credentials endpoint, from which the AWS SDKs get
// credentials when AWS_CONTAINER_CREDENTIALS_FULL_URI has its address. It listens on
// loopback and requires its token. See
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

// Listen starts an endpoint that returns the credentials of the function. The caller
// must close it.
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

// ServeHTTP serves one request. Web pages in a browser on this machine can't get
// credentials: they have no token, and they send another Host.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Host != e.host || r.URL.Path != credentialsPath || r.Method != http.MethodGet:
		respond(w, http.StatusNotFound, failure{"NotFound", "Not found."})
		return
	case !secret.New(r.Header.Get("Authorization")).Equal(e.Token):
		respond(w, http.StatusUnauthorized, failure{
			"Unauthorized",
			"The authorization token is wrong.",
		})
		return
	}
	found, err := e.credentials(r.Context())
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			respond(w, http.StatusForbidden, failure{"CredentialsNotAvailable", err.Error()})
		}
		return
	}
	respond(w, http.StatusOK, containerCredentials{
		AccessKeyID: found.AccessKeyID, SecretAccessKey: found.SecretAccessKey.Reveal(),
		Token: found.SessionToken.Reveal(), Expiration: found.Expiration.UTC().Format(time.RFC3339),
	})
}

type containerCredentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	Token           string `json:"Token"`
	Expiration      string `json:"Expiration"`
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func respond(w http.ResponseWriter, status int, document any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document)
}
