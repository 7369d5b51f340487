package backup_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/sandboxtest"
)

func places(t *testing.T) map[string]backup.Place {
	t.Helper()
	s := sandboxtest.Start(t)
	keys := s.Customer.Keys
	s.MustBucket(t, keys, "acme-backups")
	bucket, err := backup.NewBucket("s3://acme-backups/a/b/", aws.Config{
		Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID,
			keys.SecretAccessKey,
			keys.SessionToken,
		),
	}, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]backup.Place{"folder": backup.NewFolder(filepath.Join(t.TempDir(), "new")), "bucket": bucket}
}

// TestPlaces runs the same steps with every kind of destination.
func TestPlaces(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "source")
	large := strings.Repeat("0123456789abcdef", 20<<20/16) // more than one part
	if err := os.WriteFile(source, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect := func(name, want string) {
				t.Helper()
				if got, err := read(t, place, name); got != want || err != nil {
					t.Errorf("%s has %d bytes, %v; want %d", name, len(got), err, len(want))
				}
			}
			if _, err := read(t, place, "a/x"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what isn't there: %v", err)
			}
			ctx := t.Context()
			must(t, place.Create(ctx, "a/x", []byte("one")), place.Put(ctx, "b/large", source, true), place.Flush(ctx))
			expect("a/x", "one")
			expect("b/large", large)
			if err := place.Create(ctx, "a/x", []byte("two")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("made again: %v", err)
			}
			expect("a/x", "one")
			must(t, place.Write(ctx, "a/x", []byte("three")), place.Put(ctx, "b/large", source, false))
			expect("a/x", "three")
			entries, err := place.List(ctx, "b")
			if err != nil || len(entries) != 1 || entries[0].Name != "b/large" ||
				entries[0].Bytes != int64(len(large)) {
				t.Errorf("%+v, %v", entries, err)
			}
			must(t, place.Remove(ctx, "b/large"), place.Remove(ctx, "b/large"))
			if entries, err := place.List(ctx, "b"); err != nil || len(entries) > 0 {
				t.Errorf("%+v, %v", entries, err)
			}
		})
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, place backup.Place, name string) (string, error) {
	t.Helper()
	file, err := place.Read(t.Context(), name)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(file)
	return string(text), errors.Join(err, file.Close())
}

// TestAttackFolderModes checks that other users can't read a backup.
func TestAttackFolderModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	place := backup.NewFolder(dir)
	must(t, place.Write(t.Context(), "a/b/x", []byte("one")))
	for path, want := range map[string]fs.FileMode{"": 0o700, "a": 0o700, "a/b": 0o700, "a/b/x": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestBucketAddresses(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"s3://acme": true, "s3://acme/": true, "s3://acme/a/b": true, "s3://": false, "s3:///a": false,
		"s3://A/x":   false,
		"s3://a b/x": false,
	} {
		if _, err := backup.NewBucket(address, aws.Config{Region: "us-east-1"}, ""); (err == nil) != ok ||
			err != nil && !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if backup.InBucket("/mnt/s3") || !backup.InBucket("s3://x") {
		t.Error("a folder and a bucket are confused")
	}
}

// TestKeep checks which snapshots are kept.
func TestKeep(t *testing.T) {
	t.Parallel()
	ids := []string{
		"20260103T120000Z-00000005", "20260103T020000Z-00000004", "20260102T230000Z-00000003",
		"20260102T010000Z-00000002", "20251231T010000Z-00000001",
	}
	for _, c := range []struct {
		keep backup.Keep
		want []int
	}{
		{backup.Keep{Last: 1}, []int{0}},
		{backup.Keep{Last: 2}, []int{0, 1}},
		{backup.Keep{Last: 9}, []int{0, 1, 2, 3, 4}},
		{backup.Keep{Daily: 1}, []int{0}},
		{backup.Keep{Daily: 2}, []int{0, 2}},
		{backup.Keep{Daily: 9}, []int{0, 2, 4}},
		{backup.Keep{Last: 2, Daily: 2}, []int{0, 1, 2}},
		{backup.Keep{}, []int{0}},
	} {
		want := make([]string, len(c.want))
		for i, n := range c.want {
			want[i] = ids[n]
		}
		if got := c.keep.Choose(ids); !slices.Equal(got, want) {
			t.Errorf("%+v keeps %v, want %v", c.keep, got, want)
		}
	}
}
