package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// bundleFile is the name of the file with the sandbox's certificate.
const bundleFile = "ca.pem"

// serveTLS creates a certificate for a server's address, and writes it to the
// folder of the keys for its clients. It returns the path.
func (c *sandboxCommand) serveTLS(server *http.Server, listener net.Listener) (bundle string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making the sandbox's certificate: %w", err)
	}
	now := c.streams.Now()
	const life = 365 * 24 * time.Hour
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "windlass sandbox"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "*.localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, _, err := net.SplitHostPort(c.listen); err == nil && host != "" {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host, "*."+host)
		}
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		template.IPAddresses = append(template.IPAddresses, address.IP)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return "", fmt.Errorf("making the sandbox's certificate: %w", err)
	}
	server.TLSConfig = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}
	if bundle, err = filepath.Abs(filepath.Join(c.keys, bundleFile)); err != nil {
		return "", fmt.Errorf("naming the sandbox's certificate: %w", err)
	}
	if err := os.MkdirAll(c.keys, 0o700); err != nil {
		return "", problem.New(problem.Invalid, "making the folder for the keys: %w", err).
			WithHint("Set --keys to a writable folder.")
	}
	encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(bundle, encoded, 0o600); err != nil {
		return "", fmt.Errorf("writing the sandbox's certificate: %w", err)
	}
	return bundle, nil
}
