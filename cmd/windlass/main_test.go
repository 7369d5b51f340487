package main

import (
	"crypto/x509"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const bare = "WINDLASS_TEST_NO_CERTIFICATES"

// TestRootsWithoutCertificates verifies a public authority on a machine that has no
// certificates, as in the container image.
func TestRootsWithoutCertificates(t *testing.T) {
	t.Parallel()
	if os.Getenv(bare) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), bare+"=1", "SSL_CERT_FILE=/none", "SSL_CERT_DIR=/none")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		_, err = certificate.Verify(x509.VerifyOptions{
			CurrentTime: certificate.NotBefore.Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		if err != nil {
			t.Fatalf("%s: %v", certificate.Subject, err)
		}
		return
	}
	t.Error("the list of authorities is empty")
}
