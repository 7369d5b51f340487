package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// MasterKey reads the master key from a file. If there is no file, MasterKey
// creates it with a new key. It rejects a file that others can read.
func MasterKey(name string) (secret.String, error) {
	key, err := readKey(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(name); err != nil && !errors.Is(err, fs.ErrExist) {
		return secret.String{}, fmt.Errorf("creating the master key: %w", err)
	}
	return readKey(name)
}

func readKey(name string) (secret.String, error) {
	info, err := os.Stat(name)
	if err != nil {
		return secret.String{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return secret.String{}, problem.New(problem.Invalid, "Other users can read the master key in %s.", name).
			WithHint("Run chmod 600 %s", name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the operator's own setting
	if err != nil {
		return secret.String{}, fmt.Errorf("reading the master key: %w", err)
	}
	return secret.New(strings.TrimSpace(string(text))), nil
}

// NewKey returns a new master key, 64 hexadecimal digits.
func NewKey() secret.String {
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never returns an error
	return secret.New(hex.EncodeToString(key[:]))
}

// PutFirst adds a master key before those in a file. The new key encrypts from
// then on, and the others still decrypt.
func PutFirst(name string, key secret.String) error {
	old, err := readKey(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := strings.Fields(old.Reveal())
	if len(lines) >= maxMasterKeys {
		return problem.New(problem.Conflict, "The file %s has %d master keys, which is the maximum.", name, len(lines)).
			WithHint("Remove the old ones with windlass master-key finish")
	}
	return writeKeys(name, append([]string{key.Reveal()}, lines...), os.Rename)
}

// KeepFirst removes all master keys except the first from a file, and returns
// how many it removed.
func KeepFirst(name string) (int, error) {
	text, err := readKey(name)
	if err != nil {
		return 0, err
	}
	lines := strings.Fields(text.Reveal())
	if len(lines) < 2 {
		return 0, nil
	}
	return len(lines) - 1, writeKeys(name, lines[:1], os.Rename)
}

// createKey writes a new key atomically. It doesn't replace an existing file.
func createKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return writeKeys(name, []string{NewKey().Reveal()}, os.Link)
}

// writeKeys writes a file atomically: it writes a temporary file, and calls put
// to move it.
func writeKeys(name string, lines []string, put func(from, to string) error) error {
	part, err := os.CreateTemp(filepath.Dir(name), "master-*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }()
	_, err = part.WriteString(strings.Join(lines, "\n") + "\n")
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	return put(part.Name(), name)
}
