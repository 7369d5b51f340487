package vault_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/seal/vault"
	"github.com/windlass-io/windlass/internal/secret"
)

const token = "a-token-of-tests" // Vault doesn't accept an initial token in its own form, "hvs.…"

// transit serves the API in Vault's documentation of the transit engine:
// https://developer.hashicorp.com/vault/api-docs/secret/transit
func transit(t *testing.T) *httptest.Server {
	t.Helper()
	keys := map[string]tink.AEAD{}
	for _, name := range []string{"windlass", "other"} {
		var key [32]byte
		_, _ = rand.Read(key[:])
		cipher, err := subtle.NewAESGCM(key[:])
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = cipher
	}
	refuse := func(w http.ResponseWriter, status int, why string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string][]string{"errors": {why}})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/transit/"), "/")
		var in struct {
			Plaintext  string `json:"plaintext"`
			Ciphertext string `json:"ciphertext"`
			Associated string `json:"associated_data"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		associated, _ := base64.StdEncoding.DecodeString(in.Associated)
		switch {
		case r.Header.Get("X-Vault-Token") != token:
			refuse(w, 403, "permission denied")
		case len(parts) != 2 || keys[parts[1]] == nil:
			refuse(w, 400, "encryption key not found")
		case parts[0] == "encrypt":
			plain, _ := base64.StdEncoding.DecodeString(in.Plaintext)
			cipher, _ := keys[parts[1]].Encrypt(plain, associated)
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"ciphertext": "vault:v1:" +
				base64.StdEncoding.EncodeToString(cipher), "key_version": 1}})
		default:
			cipher, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(in.Ciphertext, "vault:v1:"))
			plain, err := keys[parts[1]].Decrypt(cipher, associated)
			if err != nil {
				refuse(w, 400, "cipher: message authentication failed")
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}})
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func open(t *testing.T, base, name, with string) *vault.Key {
	t.Helper()
	key, err := vault.Open(vault.PlainPrefix+strings.TrimPrefix(base, "http://")+"/transit/keys/"+name, vault.Config{
		Token: func() (secret.String, error) { return secret.New(with), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTransitKey(t *testing.T) {
	t.Parallel()
	try(t, transit(t).URL, token)
}

// TestVaultItself runs where HashiCorp Vault or OpenBao is installed.
func TestVaultItself(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("vault")
	if err != nil {
		program, err = exec.LookPath("bao")
	}
	if err != nil {
		t.Skip("SKIPPED: neither vault nor bao is installed; the transit key is tried on a stand-in alone")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	run := exec.CommandContext(t.Context(), program, "server", "-dev", "-dev-root-token-id="+token,
		"-dev-listen-address="+address)
	run.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	base := "http://" + address
	mustPost(t, base+"/v1/sys/mounts/transit", `{"type":"transit"}`)
	for _, path := range []string{"windlass", "other", "gone"} {
		mustPost(t, base+"/v1/transit/keys/"+path, "{}")
	}
	try(t, base, token)
	tryLife(t, base)
}

// tryLife checks a real engine through a key's life: rotation,
// tokens that may do less, a key that is deleted, a Vault that is sealed.
func tryLife(t *testing.T, base string) {
	t.Helper()
	key := open(t, base, "windlass", token)
	old, err := key.Encrypt([]byte("a key"), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	mustPost(t, base+"/v1/transit/keys/windlass/rotate", "{}")
	wrapped, err := key.Encrypt([]byte("a key"), []byte("x"))
	if err != nil || !strings.HasPrefix(string(wrapped), "vault:v2:") {
		t.Errorf("after a rotation it is wrapped as %q, %v", wrapped, err)
	}
	for _, cipher := range [][]byte{old, wrapped} {
		if plain, err := key.Decrypt(cipher, []byte("x")); err != nil || string(plain) != "a key" {
			t.Errorf("after a rotation %q is unwrapped as %q, %v", cipher, plain, err)
		}
	}
	mustPost(t, base+"/v1/transit/keys/windlass/config", `{"min_decryption_version":2}`)
	refusedFor(t, "an old version that may not be decrypted", key, old, "too old")

	mustPost(t, base+"/v1/sys/policies/acl/encrypt",
		`{"policy":"path \"transit/encrypt/windlass\" { capabilities = [\"update\"] }"}`)
	half := mustPost(t, base+"/v1/auth/token/create", `{"policies":["encrypt"]}`)
	encrypts := open(t, base, "windlass", half)
	if _, err := encrypts.Encrypt([]byte("a key"), nil); err != nil {
		t.Errorf("a token that may encrypt: %v", err)
	}
	refusedFor(t, "a token that may encrypt alone", encrypts, wrapped, "permission denied")
	if _, err := open(t, base, "absent", half).Encrypt([]byte("a key"), nil); err == nil ||
		!strings.Contains(err.Error(), "permission denied") {
		t.Errorf("encrypting with a key that is not there: %v", err)
	}

	gone := open(t, base, "gone", token)
	cipher, err := gone.Encrypt([]byte("a key"), nil)
	if err != nil {
		t.Fatal(err)
	}
	mustPost(t, base+"/v1/transit/keys/gone/config", `{"deletion_allowed":true}`)
	send(t, http.MethodDelete, base+"/v1/transit/keys/gone", "")
	refusedFor(t, "a key that was deleted", gone, cipher, "encryption key not found")

	mustPost(t, base+"/v1/sys/seal", "{}")
	refusedFor(t, "a sealed Vault", key, wrapped, "sealed")
}

// refusedFor checks that the error contains why, and that it doesn't say that
// the ciphertext belongs to another key.
func refusedFor(t *testing.T, name string, key *vault.Key, cipher []byte, why string) {
	t.Helper()
	if _, err := key.Decrypt(cipher, nil); err == nil || errors.Is(err, seal.ErrNotMine) ||
		!strings.Contains(err.Error(), why) {
		t.Errorf("%s: %v, want an error that says %q", name, err, why)
	}
}

// send sends one request, and returns the response's token, if any.
func send(t *testing.T, method, address, body string) (vaultToken string, ok bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Vault-Token", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", false
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Auth struct {
			Token string `json:"client_token"`
		} `json:"auth"`
	}
	_ = json.NewDecoder(response.Body).Decode(&answer) // most have none
	return answer.Auth.Token, response.StatusCode < 300
}

// mustPost repeats a request until Vault is running and accepts it. It
// returns the response's token, if any.
func mustPost(t *testing.T, address, body string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if created, ok := send(t, http.MethodPost, address, body); ok {
			return created
		}
		select {
		case <-ctx.Done():
			t.Fatalf("posting to %s: it never said yes", address)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// try tests the sealer with a transit engine that has the keys "windlass" and
// "other".
func try(t *testing.T, base, with string) {
	t.Helper()
	key := open(t, base, "windlass", with)
	cipher, err := key.Encrypt([]byte("a key"), []byte("of something"))
	if err != nil || !strings.HasPrefix(string(cipher), "vault:v1:") {
		t.Fatalf("encrypted %q, %v", cipher, err)
	}
	if plain, err := key.Decrypt(cipher, []byte("of something")); err != nil || string(plain) != "a key" {
		t.Errorf("decrypted %q, %v", plain, err)
	}
	for name, decrypt := range map[string]func() ([]byte, error){
		"another key": func() ([]byte, error) {
			return open(t, base, "other", with).
				Decrypt(cipher, []byte("of something"))
		},
		"another association": func() ([]byte, error) { return key.Decrypt(cipher, []byte("of another thing")) },
		"something else's":    func() ([]byte, error) { return key.Decrypt([]byte("\x01\x02"), nil) },
		"a path":              func() ([]byte, error) { return key.Decrypt([]byte("vault:v1:../../x"), nil) },
	} {
		if plain, err := decrypt(); !errors.Is(err, seal.ErrNotMine) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	_, err = open(t, base, "windlass", "hvs.wrong").Decrypt(cipher, []byte("of something"))
	if err == nil || errors.Is(err, seal.ErrNotMine) || strings.Contains(err.Error(), "hvs.wrong") {
		t.Errorf("with a wrong token: %v", err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"hcvault://", "hcvault://host", "hcvault://host/transit/windlass", "hcvault://host/transit/keys/../../sys",
		"hcvault://user:x@host/transit/keys/w",
		"hcvault://host/transit/keys/w?x=1", "hcvault+http://vault.example.com/transit/keys/w",
		"https://host/transit/keys/w",
	} {
		if _, err := vault.Open(address, vault.Config{}); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := vault.Open("hcvault://vault.example.com:8200/team/transit/keys/windlass", vault.Config{}); err != nil {
		t.Error(err)
	}
}
