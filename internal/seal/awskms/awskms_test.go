package awskms_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/seal/awskms"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/sandboxtest"
)

func keys(k aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return k, nil })
}

func open(t *testing.T, server *sandboxtest.Server, who aws.Credentials, arn string) *awskms.Key {
	t.Helper()
	key, err := awskms.Open(awskms.Prefix+arn, awskms.Config{
		Credentials: keys(who), Endpoint: server.URL,
		HTTPClient: &http.Client{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeyOfKMS(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	one, two := server.MustKey(t, server.Service, ""), server.MustKey(t, server.Service, "")
	who, _ := server.MustUser(t, server.Service, "windlass",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*"}]}`)
	first, second := open(t, server, who, one), open(t, server, who, two)
	cipher, err := first.Encrypt([]byte("a key"), []byte("of something"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := first.Decrypt(cipher, []byte("of something")); err != nil || string(plain) != "a key" {
		t.Errorf("decrypted %q, %v", plain, err)
	}
	for name, decrypt := range map[string]func() ([]byte, error){
		"another key":      func() ([]byte, error) { return second.Decrypt(cipher, []byte("of something")) },
		"another context":  func() ([]byte, error) { return first.Decrypt(cipher, []byte("of another thing")) },
		"changed":          func() ([]byte, error) { return first.Decrypt(append(bytes.Clone(cipher), 'x'), nil) },
		"something else's": func() ([]byte, error) { return first.Decrypt([]byte("vault:v1:AAAA"), nil) },
	} {
		if plain, err := decrypt(); !errors.Is(err, seal.ErrNotMine) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	stranger, _ := server.MustUser(t, server.Service, "stranger")
	if _, err := open(t, server, stranger, one).Decrypt(cipher, []byte("of something")); err == nil ||
		errors.Is(err, seal.ErrNotMine) {
		t.Errorf("who may not: %v", err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "arn:aws:kms:eu-west-1:111122223333:alias/windlass", "arn:aws:s3:::bucket",
		"1234", "arn:aws:kms::111122223333:key/1",
	} {
		if _, err := awskms.Open(awskms.Prefix+address, awskms.Config{}); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A service changes from a key in a file to one in KMS, and to another one
// there, and every secret stays readable.
func TestFromFileToKMSAndOn(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	one, two := awskms.Prefix+server.MustKey(t, server.Service, ""), awskms.Prefix+server.MustKey(t, server.Service, "")
	text := strings.Repeat("1", 64)
	calls := 0
	sealer, err := seal.Open(seal.Config{
		Keys: func() (secret.String, error) { return secret.New(text), nil }, Now: time.Now,
		Remote: func(address string) (tink.AEAD, error) {
			return awskms.Open(address, awskms.Config{
				Credentials: keys(server.Service.Keys), Endpoint: server.URL,
				HTTPClient: &http.Client{Transport: counting{&calls}},
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealer.Seal(secret.New("a secret access key"), "credential/1")
	if err != nil {
		t.Fatal(err)
	}
	for step, to := range []string{one, two, strings.Repeat("2", 64)} {
		before := strings.Fields(text)[0]
		text = to + "\n" + before
		if opened, err := sealer.Open(sealed, "credential/1"); err != nil || opened.Reveal() != "a secret access key" {
			t.Fatalf("step %d, before it is wrapped again: %v", step, err)
		}
		var again bool
		if sealed, again, err = sealer.Rewrap(sealed); err != nil || !again {
			t.Fatalf("step %d: wrapped again %v, %v", step, again, err)
		}
		if _, again, err = sealer.Rewrap(sealed); err != nil || again {
			t.Errorf("step %d: and once more %v, %v", step, again, err)
		}
		text = to
		for range 3 {
			if opened, err := sealer.Open(sealed, "credential/1"); err != nil ||
				opened.Reveal() != "a secret access key" {
				t.Fatalf("step %d, under the new one alone: %v", step, err)
			}
		}
		if _, err := sealer.Open(sealed, "credential/2"); err == nil {
			t.Errorf("step %d: it opens for another owner", step)
		}
	}
	before := calls
	text = one
	if _, err := sealer.Open(sealed, "credential/1"); err == nil || calls == before {
		t.Errorf("under a key that it is not under it opens: %v, %d calls", err, calls-before)
	}
}

// A key that KMS decrypted isn't requested again for each use. If KMS doesn't
// respond, the error says so, and not that the secret is damaged.
func TestKMSIsAskedOnce(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	address := awskms.Prefix + server.MustKey(t, server.Service, "")
	calls, now := 0, time.Now()
	sealer, err := seal.Open(seal.Config{
		Keys: func() (secret.String, error) { return secret.New(address), nil }, Now: func() time.Time { return now },
		Remote: func(address string) (tink.AEAD, error) {
			return awskms.Open(address, awskms.Config{
				Credentials: keys(server.Service.Keys), Endpoint: server.URL,
				HTTPClient: &http.Client{Transport: counting{&calls}},
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := sealer.Seal(secret.New("x"), "credential/1")
	if err != nil {
		t.Fatal(err)
	}
	calls = 0
	for range 5 {
		if _, err := sealer.Open(sealed, "credential/1"); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(10 * time.Minute)
	if _, err := sealer.Open(sealed, "credential/1"); err != nil || calls != 2 {
		t.Errorf("KMS was asked %d times, %v", calls, err)
	}
	now = now.Add(10 * time.Minute)
	calls = -1000 // from here on, no response
	if _, err := sealer.Open(sealed, "credential/1"); !problem.Is(err, problem.Unavailable) {
		t.Errorf("without an answer: %v", err)
	}
}

// counting counts requests; below zero it fails them.
type counting struct{ n *int }

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	if *c.n < 0 {
		return nil, errors.New("no route to host")
	}
	*c.n++
	return http.DefaultTransport.RoundTrip(r)
}
