package s3store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const owner = "111111111111"

var epoch = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

func newBucket(t *testing.T, versioning s3store.Versioning) (*s3store.Store, *s3store.Bucket) {
	t.Helper()
	store := s3store.New(s3store.Memory{}, nil)
	bucket, err := store.CreateBucket("b", owner, "us-east-1", epoch, &s3store.Settings{Versioning: versioning})
	if err != nil {
		t.Fatal(err)
	}
	return store, bucket
}

func put(t *testing.T, store *s3store.Store, bucket *s3store.Bucket, key, body string) *s3store.Version {
	t.Helper()
	blob, err := store.NewBlob(t.Context(), strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := store.Put(bucket, &s3store.Version{
		Key: key, Size: blob.Size, ETag: body, Modified: epoch, Owner: owner, Segments: []s3store.Segment{{Blob: blob}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func read(t *testing.T, v *s3store.Version, offset, length int64) string {
	t.Helper()
	r, err := v.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b bytes.Buffer
	if err := r.Send(&b, offset, length); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestObjects(t *testing.T) {
	t.Parallel()
	store, bucket := newBucket(t, s3store.NeverVersioned)
	old := put(t, store, bucket, "k", "first")
	pinned, err := old.Open()
	if err != nil {
		t.Fatal(err)
	}
	put(t, store, bucket, "k", "second")
	var b bytes.Buffer
	if err := pinned.Send(&b, 0, old.Size); err != nil || b.String() != "first" {
		t.Errorf("a reader of the replaced version gets %q, %v", b.String(), err)
	}
	pinned.Close()
	if _, err := old.Open(); !errors.Is(err, s3store.ErrGone) {
		t.Errorf("opening the replaced version: %v", err)
	}
	v, err := bucket.Get("k", "")
	if err != nil || read(t, v, 0, v.Size) != "second" || read(t, v, 2, 3) != "con" {
		t.Errorf("the object: %+v, %v", v, err)
	}
	refused := errors.New("refused")
	_, err = store.Put(bucket, &s3store.Version{Key: "k"}, func(current *s3store.Version) error {
		if current == nil || current.ETag != "second" {
			t.Errorf("the condition sees %+v", current)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("a put whose condition fails: %v", err)
	}
	if err := store.DeleteBucket(bucket); !errors.Is(err, s3store.ErrBucketNotEmpty) {
		t.Errorf("deleting a full bucket: %v", err)
	}
	if _, err := store.Delete(bucket, &s3store.Deletion{Key: "k", Now: epoch, Owner: owner}); err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.Get("k", ""); !errors.Is(err, s3store.ErrNoKey) {
		t.Errorf("the deleted object: %v", err)
	}
	if err := store.DeleteBucket(bucket); err != nil || store.Bucket("b") != nil {
		t.Errorf("deleting the bucket: %v", err)
	}
	if _, err := store.Put(bucket, &s3store.Version{Key: "k"}, nil); !errors.Is(err, s3store.ErrNoBucket) {
		t.Errorf("putting into a deleted bucket: %v", err)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	store, bucket := newBucket(t, s3store.Enabled)
	allow := func(*s3store.Version) error { return nil }
	first, second := put(t, store, bucket, "k", "1"), put(t, store, bucket, "k", "2")
	deleted, err := store.Delete(bucket, &s3store.Deletion{Key: "k", Now: epoch, Owner: owner, Check: allow})
	if err != nil || !deleted.DeleteMarker {
		t.Fatalf("deleting: %+v, %v", deleted, err)
	}
	if v, err := bucket.Get("k", ""); err != nil || !v.DeleteMarker {
		t.Errorf("the current version: %+v, %v", v, err)
	}
	for _, v := range []*s3store.Version{first, second} {
		if got, err := bucket.Get("k", v.ID); err != nil || got.ETag != v.ETag {
			t.Errorf("version %s: %+v, %v", v.ETag, got, err)
		}
	}
	if _, err := store.Delete(bucket, &s3store.Deletion{Key: "k", ID: deleted.VersionID, Now: epoch, Owner: owner, Check: allow}); err != nil {
		t.Fatal(err)
	}
	if v, err := bucket.Get("k", ""); err != nil || v.ETag != "2" {
		t.Errorf("without its marker the object is %+v, %v", v, err)
	}
	if _, err := bucket.Get("k", "none"); !errors.Is(err, s3store.ErrNoVersion) {
		t.Errorf("an unknown version: %v", err)
	}
	changed, err := store.Amend(bucket, "k", first.ID, func(v *s3store.Version) error {
		v.StorageClass = "GLACIER"
		return nil
	})
	if err != nil || changed.StorageClass != "GLACIER" || first.StorageClass != "" {
		t.Errorf("changed: %+v (%+v), %v", changed, first, err)
	}
}

// TestList compares every page of every listing with a simple iteration over
// the keys.
func TestList(t *testing.T) {
	t.Parallel()
	store, bucket := newBucket(t, s3store.NeverVersioned)
	keys := []string{"a", "a/", "a/1", "a/2", "a/b/3", "a0", "b/1", "c", "c/d/e", "é"}
	for _, key := range keys {
		put(t, store, bucket, key, "x")
	}
	slices.Sort(keys)
	for _, prefix := range []string{"", "a", "a/", "c/", "none"} {
		for _, delimiter := range []string{"", "/", "/b"} {
			var want []string
			for _, key := range keys {
				rest, ok := strings.CutPrefix(key, prefix)
				if !ok {
					continue
				}
				if before, _, found := strings.Cut(rest, delimiter); found && delimiter != "" {
					key = prefix + before + delimiter + "*"
				}
				if !slices.Contains(want, key) {
					want = append(want, key)
				}
			}
			slices.Sort(want)
			for limit := 1; limit <= len(keys)+1; limit++ {
				got := listAll(t, bucket, s3store.Listing{Prefix: prefix, Delimiter: delimiter, Max: limit})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("prefix %q, delimiter %q, %d a page (-want +got):\n%s", prefix, delimiter, limit, diff)
				}
			}
		}
	}
}

// listAll lists page by page and marks common prefixes with a star.
func listAll(t *testing.T, bucket *s3store.Bucket, l s3store.Listing) []string {
	t.Helper()
	var got []string
	for range 100 {
		page := bucket.List(l)
		if n := len(page.Versions) + len(page.Prefixes); n > l.Max {
			t.Fatalf("%d on a page of %d", n, l.Max)
		}
		for _, v := range page.Versions {
			got = append(got, v.Key)
		}
		for _, prefix := range page.Prefixes {
			got = append(got, prefix+"*")
		}
		if !page.Truncated {
			slices.Sort(got)
			return got
		}
		l.After = page.Next
	}
	t.Fatal("the listing doesn't end")
	return nil
}

// failing is a body whose reader fails.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func TestMemory(t *testing.T) {
	t.Parallel()
	store := s3store.New(s3store.Memory{}, nil)
	large := strings.Repeat("0123456789abcdef", 20_000)
	for _, size := range []int64{-1, 0, int64(len(large)), 1 << 50} {
		blob, err := store.NewBlob(t.Context(), strings.NewReader(large), size)
		if err != nil || blob.Size != int64(len(large)) {
			t.Fatalf("claimed %d: %v", size, err)
		}
		var b bytes.Buffer
		if err := (s3store.Memory{}).Send(&b, blob, 65_530, 100); err != nil || b.String() != large[65_530:65_630] {
			t.Errorf("claimed %d: a part is %q, %v", size, b.String(), err)
		}
	}
	cut := fmt.Errorf("cut: %w", io.ErrUnexpectedEOF)
	if _, err := store.NewBlob(
		t.Context(),
		io.MultiReader(strings.NewReader("x"), failing{cut}),
		9,
	); !errors.Is(
		err,
		io.ErrUnexpectedEOF,
	) {
		t.Errorf("a body that breaks off: %v", err)
	}
}
