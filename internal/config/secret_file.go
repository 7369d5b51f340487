package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// maxSecretFile is the size of a file with a secret.
const maxSecretFile = 64 << 10

// SecretFiles returns the environment variables that name files with secrets, by
// those that have the secrets themselves. Settings with their own file setting,
// such as vault_token_file, have none.
func SecretFiles() map[string]string {
	settings := map[string]bool{}
	for _, field := range Fields() {
		settings[field.Name] = true
	}
	files := map[string]string{}
	for _, field := range Fields() {
		if field.Secret && !settings[field.Name+"_file"] {
			files[field.Env] = field.Env + "_FILE"
		}
	}
	return files
}

// withSecretFiles returns sources whose environment includes the secrets in
// files: WINDLASS_DATABASE_FILE names a file with the value of WINDLASS_DATABASE.
// A final line break is removed.
func (s Sources) withSecretFiles() (Sources, error) {
	secrets := map[string]string{}
	var findings []problem.Finding
	for name, file := range SecretFiles() {
		path := s.Getenv(file)
		if path == "" {
			continue
		}
		text, err := readSecret(path)
		if s.Getenv(name) != "" {
			err = fmt.Errorf("and %s are both set; use one", name)
		}
		if err != nil {
			findings = append(findings, problem.Finding{Path: file, Message: err.Error()})
			continue
		}
		secrets[name] = text
	}
	if len(findings) > 0 {
		return s, invalid(findings)
	}
	getenv := s.Getenv
	s.Getenv = func(name string) string {
		if secret, ok := secrets[name]; ok {
			return secret
		}
		return getenv(name)
	}
	return s, nil
}

func readSecret(path string) (string, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return "", fmt.Errorf("can't be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("can't be read: %w", err)
	case len(text) > maxSecretFile:
		return "", fmt.Errorf("has more than %d bytes, so it isn't a secret", maxSecretFile)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if secret == "" {
		return "", errors.New("is empty")
	}
	return secret, nil
}
