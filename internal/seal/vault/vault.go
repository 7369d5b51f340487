// Package vault implements a master key in the transit engine of HashiCorp Vault
// or OpenBao: "hcvault://HOST:8200/transit/keys/NAME". The token needs update on
// transit/encrypt/NAME and transit/decrypt/NAME. It should not have create on the
// first, because Vault would then create a missing key. hcvault uses TLS;
// hcvault+http is for a Vault on the same machine.
//
// https://developer.hashicorp.com/vault/api-docs/secret/transit
package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
)

// The prefixes of addresses.
const (
	Prefix      = "hcvault://"
	PlainPrefix = "hcvault+http://"
)

const (
	patience  = 10 * time.Second
	maxAnswer = 64 << 10
)

// pathForm matches the path of a key: the engine's mount and the key's name.
var pathForm = regexp.MustCompile(`^/([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)/keys/([A-Za-z0-9._-]+)$`)

// textForm matches a ciphertext: the key's version, and base64.
var textForm = regexp.MustCompile(`^vault:v[0-9]+:[A-Za-z0-9+/=]+$`)

// notMine matches Vault's error for a ciphertext of another key. Errors about a
// missing key or a disabled version don't show which key encrypted it.
var notMine = regexp.MustCompile(`message authentication failed|invalid ciphertext`)

// Config configures the connection to Vault.
type Config struct {
	Token      func() (secret.String, error) // called before each request, because an agent may renew it; required
	Namespace  string                        // of Vault Enterprise; optional
	HTTPClient *http.Client                  // default: a client with a timeout that follows no redirects
}

// Key is a key of the transit engine. It is safe for concurrent use.
type Key struct {
	config      Config
	base, mount string // "https://host:8200/v1", "transit"
	name        string
}

// Open parses an address. It sends no request.
func Open(address string, config Config) (*Key, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, wrong(address)
	}
	path := pathForm.FindStringSubmatch(u.Path)
	scheme := map[string]string{"hcvault": "https", "hcvault+http": "http"}[u.Scheme]
	if path == nil || scheme == "" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, wrong(address)
	}
	if scheme == "http" && !isOwn(u.Hostname()) {
		return nil, problem.New(problem.Invalid, "The address of Vault, %s, is plain HTTP, which is only allowed "+
			"on the same machine.", u.Host).
			WithHint("Use %s%s%s.", Prefix, u.Host, u.Path)
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{
			Timeout:       patience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Key{config: config, base: scheme + "://" + u.Host + "/v1", mount: path[1], name: path[2]}, nil
}

func wrong(address string) error {
	return problem.New(problem.Invalid, "The master key %q isn't the address of a Vault key.", address).
		WithHint("It looks like %svault.example.com:8200/transit/keys/windlass.", Prefix)
}

func isOwn(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// message is the body of requests and responses. JSON encodes bytes in base64.
type message struct {
	Plaintext  []byte `json:"plaintext,omitempty"`
	Ciphertext string `json:"ciphertext,omitempty"`
	Associated []byte `json:"associated_data,omitempty"`
}

// Encrypt encrypts with Vault's key.
func (k *Key) Encrypt(plain, associated []byte) ([]byte, error) {
	out, _, err := k.call("encrypt", message{Plaintext: plain, Associated: associated})
	if err == nil && !textForm.MatchString(out.Ciphertext) {
		err = errors.New("the response has no ciphertext")
	}
	if err != nil {
		return nil, fmt.Errorf("encrypting with Vault's %s/keys/%s: %w", k.mount, k.name, err)
	}
	return []byte(out.Ciphertext), nil
}

// Decrypt decrypts with Vault's key. It returns [seal.ErrNotMine] for data that
// another key encrypted.
func (k *Key) Decrypt(cipher, associated []byte) ([]byte, error) {
	if !textForm.Match(cipher) {
		return nil, seal.ErrNotMine
	}
	out, status, err := k.call("decrypt", message{Ciphertext: string(cipher), Associated: associated})
	switch {
	case status == http.StatusBadRequest && notMine.MatchString(err.Error()):
		return nil, seal.ErrNotMine
	case err == nil && out.Plaintext == nil:
		err = errors.New("the response has no plaintext")
	}
	if err != nil {
		return nil, fmt.Errorf("decrypting with Vault's %s/keys/%s: %w", k.mount, k.name, err)
	}
	return out.Plaintext, nil
}

func (k *Key) call(verb string, in message) (out message, status int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return message{}, 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.base+"/"+k.mount+"/"+verb+"/"+k.name,
		bytes.NewReader(body))
	if err != nil {
		return message{}, 0, err
	}
	token, err := k.config.Token()
	if err != nil {
		return message{}, 0, err
	}
	request.Header.Set("X-Vault-Token", token.Reveal())
	request.Header.Set("X-Vault-Request", "true")
	if k.config.Namespace != "" {
		request.Header.Set("X-Vault-Namespace", k.config.Namespace)
	}
	response, err := k.config.HTTPClient.Do(request)
	if err != nil {
		return message{}, 0, err
	}
	defer func() { _ = response.Body.Close() }() // the needed part was read
	var answer struct {
		Data   message  `json:"data"`
		Errors []string `json:"errors"`
	}
	decodeErr := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer)
	if response.StatusCode != http.StatusOK {
		return message{}, response.StatusCode, fmt.Errorf("it answered %d: %s", response.StatusCode,
			strings.Join(answer.Errors, "; "))
	}
	return answer.Data, response.StatusCode, decodeErr
}
