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

// MasterKey reads the master key that a file keeps, and makes both when there
// is no file. A file that others may read is refused.
func MasterKey(name string) (secret.String, error) {
	key, err := readKey(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(name); err != nil && !errors.Is(err, fs.ErrExist) {
		return secret.String{}, fmt.Errorf("making the master key: %w", err)
	}
	return readKey(name)
}

func readKey(name string) (secret.String, error) {
	info, err := os.Stat(name)
	if err != nil {
		return secret.String{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return secret.String{}, problem.New(problem.Invalid, "The master key in %s can be read by others.", name).WithHint("chmod 600 %s", name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the operator's own setting
	if err != nil {
		return secret.String{}, fmt.Errorf("reading the master key: %w", err)
	}
	return secret.New(strings.TrimSpace(string(text))), nil
}

// makeKey writes a new key whole or not at all, and never over another.
func makeKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails: it ends the program instead
	part, err := os.CreateTemp(filepath.Dir(name), "master-*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }()
	_, err = part.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Link(part.Name(), name)
}
