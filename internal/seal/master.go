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

// NewKey makes a master key: 64 hexadecimal digits.
func NewKey() secret.String {
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails: it ends the program instead
	return secret.New(hex.EncodeToString(key[:]))
}

// PutFirst puts a master key before those that a file has: it seals from then
// on, and they still open.
func PutFirst(name string, key secret.String) error {
	old, err := readKey(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := strings.Fields(old.Reveal())
	if len(lines) >= maxMasterKeys {
		return problem.New(problem.Conflict, "The file %s has %d master keys, and no more are read.", name, len(lines)).
			WithHint("Take the old ones out: windlass master-key finish")
	}
	return writeKeys(name, append([]string{key.Reveal()}, lines...), os.Rename)
}

// KeepFirst takes every master key but the first out of a file, and says how
// many those were.
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

// makeKey writes a new key whole or not at all, and never over another.
func makeKey(name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return writeKeys(name, []string{NewKey().Reveal()}, os.Link)
}

// writeKeys writes a file whole or not at all: it is written aside, and put in
// its place.
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
