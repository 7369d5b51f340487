package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/dir"
	"github.com/windlass-io/windlass/internal/object/fetch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// flaky interrupts the reads of a bucket as a test requires.
type flaky struct {
	object.Bucket
	read func(n int64, key string, options object.ReadOptions) (func(io.ReadCloser) io.ReadCloser, error)
	n    atomic.Int64
}

func (f *flaky) Read(ctx context.Context, key string, options object.ReadOptions) (io.ReadCloser, object.Info, error) {
	wrap, err := f.read(f.n.Add(1), key, options)
	if err != nil {
		return nil, object.Info{}, err
	}
	body, info, err := f.Bucket.Read(ctx, key, options)
	if err == nil && wrap != nil {
		body = wrap(body)
	}
	return body, info, err
}

func noAnswer() error { return &object.Failure{Operation: "GetObject", Message: "connection reset"} }

// breaks returns n bytes and then an error.
func breaks(n int64) func(io.ReadCloser) io.ReadCloser {
	return func(body io.ReadCloser) io.ReadCloser {
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(body, n), iotest.ErrReader(noAnswer())), body}
	}
}

type wrapper = func(io.ReadCloser) io.ReadCloser

func fixture(t *testing.T, size int) ([]byte, *dir.Bucket, object.Info) {
	t.Helper()
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	b, err := dir.Open("bucket", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if err := b.Put(t.Context(), "k", content); err != nil {
		t.Fatal(err)
	}
	page, err := b.List(t.Context(), "k", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	return content, b, page.Objects[0]
}

func config() fetch.Config {
	return fetch.Config{Large: 1000, Part: 300, Parallel: 3, Backoff: time.Microsecond}
}

func all(ctx context.Context, o *fetch.Object) ([]byte, error) {
	s, err := o.Stream(ctx)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(s)
	return got, errors.Join(err, s.Close())
}

// firstFails fails once at each offset.
func firstFails() func(int64, string, object.ReadOptions) (wrapper, error) {
	var tried sync.Map
	return func(_ int64, _ string, o object.ReadOptions) (wrapper, error) {
		if _, again := tried.LoadOrStore(o.Offset, true); !again {
			return nil, noAnswer()
		}
		return nil, nil
	}
}

func TestStreamIsWhole(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 999, 1000, 1001, 1200, 1201, 10_000} {
		for name, read := range map[string]func(n int64, key string, o object.ReadOptions) (wrapper, error){
			"steady": func(int64, string, object.ReadOptions) (wrapper,
				error,
			) {
				return nil, nil
			},
			"no first connection answers": firstFails(),
			"every connection breaks after 70 bytes": func(int64, string, object.ReadOptions) (wrapper,
				error,
			) {
				return breaks(70), nil
			},
			"every connection ends after 70 bytes": func(int64, string, object.ReadOptions) (wrapper, error) {
				return func(body io.ReadCloser) io.ReadCloser {
					return struct {
						io.Reader
						io.Closer
					}{io.LimitReader(body, 70), body}
				}, nil
			},
		} {
			t.Run(fmt.Sprintf("%d bytes, %s", size, name), func(t *testing.T) {
				t.Parallel()
				content, b, info := fixture(t, size)
				var progress atomic.Int64
				c := config()
				c.Progress = func(n int) { progress.Add(int64(n)) }
				got, err := all(t.Context(), fetch.New(&flaky{Bucket: b, read: read}, info, c))
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("got %d bytes, %v; want the %d that were written", len(got), err, size)
				}
				if progress.Load() != int64(size) {
					t.Errorf("progress told %d bytes", progress.Load())
				}
			})
		}
	}
}

func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	for _, size := range []int{500, 5000} {
		_, b, info := fixture(t, size)
		broken := &flaky{Bucket: b, read: func(int64, string, object.ReadOptions) (wrapper, error) {
			return breaks(0),
				nil
		}}
		_, err := all(t.Context(), fetch.New(broken, info, config()))
		var f *object.Failure
		if !errors.As(err, &f) || f.Status != 0 {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
}

func TestRefusalIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	_, b, info := fixture(t, 500)
	denied := &flaky{Bucket: b, read: func(int64, string, object.ReadOptions) (wrapper, error) {
		return nil, &object.Failure{Operation: "GetObject", Status: 403, Code: "AccessDenied"}
	}}
	_, err := all(t.Context(), fetch.New(denied, info, config()))
	var f *object.Failure
	if !errors.As(err, &f) || !f.Denied() || denied.n.Load() != 1 {
		t.Errorf("got %v after %d requests", err, denied.n.Load())
	}
}

func TestChangeIsTold(t *testing.T) {
	t.Parallel()
	for _, size := range []int{500, 5000} {
		content, b, info := fixture(t, size)
		changing := &flaky{Bucket: b}
		changing.read = func(n int64, _ string, _ object.ReadOptions) (wrapper, error) {
			if n == 2 { // the object is replaced before the second request
				if err := b.Put(t.Context(), "k", append(content, 'x')); err != nil {
					return nil, err
				}
			}
			return breaks(100), nil
		}
		if _, err := all(t.Context(), fetch.New(changing, info, config())); !errors.Is(err, fetch.ErrChanged) {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
}

func TestStreamLeftEarlyLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	_, b, info := fixture(t, 50_000)
	s, err := fetch.New(b, info, config()).Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(s, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // returns when every goroutine has ended
		t.Error(err)
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	content, b, info := fixture(t, 3<<20)
	requests := &flaky{Bucket: b, read: func(int64, string, object.ReadOptions) (wrapper, error) { return nil, nil }}
	at := fetch.New(requests, info, config()).At(t.Context())
	if err := iotest.TestReader(io.NewSectionReader(at, 1<<20, 1000), content[1<<20:1<<20+1000]); err != nil {
		t.Error(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		offset := random.IntN(len(content))
		p := make([]byte, random.IntN(600_000))
		n, err := at.ReadAt(p, int64(offset))
		want := content[offset:min(len(content), offset+len(p))]
		if !bytes.Equal(p[:n], want) || (n < len(p)) != errors.Is(err, io.EOF) {
			t.Fatalf("%d bytes from %d: got %d, %v", len(p), offset, n, err)
		}
	}
}

func TestAtAsksForEachByteOnceInOrder(t *testing.T) {
	t.Parallel()
	content, b, info := fixture(t, 3<<20)
	requests := &flaky{Bucket: b, read: func(int64, string, object.ReadOptions) (wrapper, error) { return nil, nil }}
	at := fetch.New(requests, info, config()).At(t.Context())
	// Three positions are read alternately.
	for step := range 16 {
		for start := range 3 {
			offset := int64(start<<20 + step<<16)
			p := make([]byte, 1<<16)
			if _, err := at.ReadAt(p, offset); err != nil || !bytes.Equal(p, content[offset:offset+1<<16]) {
				t.Fatalf("from %d: %v", offset, err)
			}
		}
	}
	if got, want := requests.n.Load(), int64(3<<20/(256<<10)); got > want+3 {
		t.Errorf("%d requests for %d blocks", got, want)
	}
}
