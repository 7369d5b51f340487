package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/problem"
)

// fetch copies a file of a snapshot to a new file of this machine, and compares its
// size and hash. If they differ from the manifest, the error is a problem with code
// refused.
func fetch(ctx context.Context, place Place, f File, path string) error {
	from, err := place.Read(ctx, f.Path)
	if missing(err) {
		return problem.New(problem.Refused, "%s is missing from the backup.", f.Path)
	}
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // safePath was asked
	if err != nil {
		return err
	}
	hash := sha256.New()
	bytes, err := io.Copy(io.MultiWriter(to, hash), interruptible{ctx, io.LimitReader(from, f.Bytes+1)})
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", f.Path, err)
	}
	return compare(f, bytes, hex.EncodeToString(hash.Sum(nil)))
}

func compare(f File, bytes int64, sum string) error {
	if bytes != f.Bytes || sum != f.SHA256 {
		return problem.New(problem.Refused, "%s is damaged: its content doesn't match the manifest.", f.Path)
	}
	return nil
}

// fetchState copies the state of a snapshot to a file, and decompresses it.
func fetchState(ctx context.Context, place Place, m *Manifest, path string) error {
	f, _ := m.find(m.stateFile()) // parseManifest looked
	if m.State == Postgres {
		return fetch(ctx, place, f, path)
	}
	packed := path + ".zst"
	if err := fetch(ctx, place, f, packed); err != nil {
		return err
	}
	return errors.Join(decompress(ctx, packed, path, m.StateBytes), os.Remove(packed))
}

func decompress(ctx context.Context, from, to string, bytes int64) error {
	source, err := os.Open(from) //nolint:gosec // made by fetch
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	packed, err := zstd.NewReader(source)
	if err != nil {
		return err
	}
	defer packed.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a path of the backup
	if err != nil {
		return err
	}
	n, err := io.Copy(target, interruptible{ctx, io.LimitReader(packed, bytes+1)})
	if err == nil && n != bytes {
		err = problem.New(problem.Refused, "The state in the backup is damaged: it doesn't have %d bytes.", bytes)
	}
	return errors.Join(err, target.Sync(), target.Close())
}
