package tabular_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/tabular"
)

// endless is a line without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// Reading ends with its context, even if there are no rows and the object
// never blocks: in an endless line, plain and compressed.
func TestAttackEndlessLineIsCancelled(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() io.ReadCloser{
		"csv": func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(strings.NewReader("id,name\n1,x\n"), endless{}))
		},
		"json": func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(strings.NewReader("[{\"id\":1},{\"id\":\""), endless{}))
		},
		"jsonl": func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(strings.NewReader("{\"id\":1}\n{\"id\":\""), endless{}))
		},
		"zstd": func() io.ReadCloser {
			r, w := io.Pipe()
			go func() { // until the reader is closed
				z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
				_, _ = io.Copy(z, io.MultiReader(strings.NewReader("id,name\n1,x\n"), endless{}))
				_ = z.Close()
			}()
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			content, err := tabular.Open(ctx, tabular.Input{
				Name: name, Size: 1 << 50, Open: func(context.Context) (io.ReadCloser, error) { return open(), nil },
			}, tabular.Options{Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			schema, err := content.Infer(ctx)
			if err != nil {
				t.Fatal(err)
			}
			reader, err := content.Read(ctx, schema)
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- drain(t.Context(), reader.Close, cancel) }()
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it reads on")
			}
			if err := content.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// drain ends the context while the workers read, and waits for them.
func drain(ctx context.Context, closeReader func(), cancel func()) error {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return errors.New("the test ended first")
	}
	cancel()
	closeReader()
	return nil
}
