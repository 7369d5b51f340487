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

const token = "hvs.test-token"

// transit answers as Vault's documentation of the transit engine says:
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
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(cipher), "key_version": 1}})
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

// TestVaultItself runs where the vault command is installed.
func TestVaultItself(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("vault")
	if err != nil {
		t.Skip("there is no vault command here")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	run := exec.CommandContext(t.Context(), program, "server", "-dev", "-dev-root-token-id="+token, "-dev-listen-address="+address)
	run.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	for _, path := range []string{"sys/mounts/transit", "transit/keys/windlass", "transit/keys/other"} {
		body := "{}"
		if strings.HasPrefix(path, "sys/") {
			body = `{"type":"transit"}`
		}
		mustPost(t, "http://"+address+"/v1/"+path, body)
	}
	try(t, "http://"+address, token)
}

// mustPost asks until Vault is there and says yes.
func mustPost(t *testing.T, address, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Vault-Token", token)
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode < 300 {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("posting to %s: %v", address, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// try holds a transit engine with the keys "windlass" and "other" to what the
// sealer needs.
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
		"another key":         func() ([]byte, error) { return open(t, base, "other", with).Decrypt(cipher, []byte("of something")) },
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
		"hcvault://", "hcvault://host", "hcvault://host/transit/windlass", "hcvault://host/transit/keys/../../sys", "hcvault://user:x@host/transit/keys/w",
		"hcvault://host/transit/keys/w?x=1", "hcvault+http://vault.example.com/transit/keys/w", "https://host/transit/keys/w",
	} {
		if _, err := vault.Open(address, vault.Config{}); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := vault.Open("hcvault://vault.example.com:8200/team/transit/keys/windlass", vault.Config{}); err != nil {
		t.Error(err)
	}
}
