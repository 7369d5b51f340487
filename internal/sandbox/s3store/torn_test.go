package s3store_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/sandboxtest"
)

// TestTornBody damages a body's file like a power cut. Reads of the object,
// whole or in part, must fail instead of returning wrong data.
func TestTornBody(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	for name, tear := range map[string]func(path string) error{
		"cut short": func(path string) error { return os.Truncate(path, int64(len(body))-1) },
		"gone":      os.Remove,
		"a hole": func(path string) error {
			torn := bytes.Clone(body)
			clear(torn[4096:8192])
			return os.WriteFile(path, torn, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			first := sandboxtest.Start(t, sandboxtest.WithDir(dir))
			first.MustBucket(t, first.Customer.Keys, "torn")
			first.MustPut(t, first.Customer.Keys, "torn", "x", string(body))
			first.Stop(t)
			files, err := filepath.Glob(filepath.Join(dir, "content", "*", "*"))
			if err != nil || len(files) != 1 {
				t.Fatalf("the folder has the bodies %v, %v", files, err)
			}
			if err := tear(files[0]); err != nil {
				t.Fatal(err)
			}

			second := sandboxtest.Start(t, sandboxtest.WithDir(dir))
			client := second.S3(second.Customer.Keys, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
			for _, part := range []*string{nil, aws.String("bytes=0-15")} {
				_, err := client.GetObject(
					t.Context(),
					&s3.GetObjectInput{Bucket: aws.String("torn"), Key: aws.String("x"), Range: part},
				)
				var refused smithy.APIError
				if !errors.As(err, &refused) || refused.ErrorCode() != "InternalError" {
					t.Errorf("reading %s of it: %v", aws.ToString(part), err)
				}
			}
			second.MustPut(t, second.Customer.Keys, "torn", "x", string(body))
			out, err := client.GetObject(
				t.Context(),
				&s3.GetObjectInput{Bucket: aws.String("torn"), Key: aws.String("x")},
			)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(out.Body); err != nil || !bytes.Equal(got, body) {
				t.Errorf("put again it has %d bytes, %v", len(got), err)
			}
		})
	}
}
