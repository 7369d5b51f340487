package front_test

import (
	"errors"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

func TestStoreError(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"NoSuchBucket": s3store.ErrNoBucket, "NoSuchKey": s3store.ErrNoKey,
		"NoSuchVersion": s3store.ErrNoVersion, "NoSuchUpload": s3store.ErrNoUpload,
	} {
		if got := call(t, "").StoreError(err); !awserror.Is(got, want) {
			t.Errorf("%v: got %v, want %s", err, got, want)
		}
	}
	broken := errors.New("broken")
	if got := call(t, "").StoreError(broken); !errors.Is(got, broken) {
		t.Errorf("got %v", got)
	}
}

func TestCheckVersionID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		s3store.NewVersionID(): "NoSuchVersion", s3store.NullVersion: "NoSuchVersion",
		"short": "InvalidArgument", "not a version of anything": "InvalidArgument",
	} {
		if got := call(t, "").CheckVersionID(id); !awserror.Is(got, want) {
			t.Errorf("%q: got %v, want %s", id, got, want)
		}
	}
}

func TestETagQuotes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"abc", `"abc"`, ` "abc" `} {
		if got := front.Quote(front.Unquote(text)); got != `"abc"` {
			t.Errorf("%s: got %s", text, got)
		}
	}
}

func TestStorageClass(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]string{"": "STANDARD", "GLACIER": "GLACIER"} {
		if got := front.StorageClass(&s3store.Version{StorageClass: class}); got != want {
			t.Errorf("%q: got %s", class, got)
		}
	}
}
