package checksum_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// sum returns the checksum of a text.
func sum(t *testing.T, algorithm, text string) s3store.Checksum {
	t.Helper()
	d, err := checksum.NewDigester(strings.NewReader(text), algorithm)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	digests := d.Digests()
	if digests.Size != int64(len(text)) {
		t.Errorf("%d bytes digested, want %d", digests.Size, len(text))
	}
	return digests.Checksum
}

// The check values of the algorithms, for "123456789".
func TestDigests(t *testing.T) {
	t.Parallel()
	for algorithm, want := range map[string]string{
		"CRC32": "y/Q5Jg==", "CRC32C": "4waSgw==", "CRC64NVME": "rosUhgp5mIg=", "": "rosUhgp5mIg=",
		"SHA1": "98O8HYCOBHMq32eZZczDTKeuNEE=", "SHA256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
		"MD5": "JfnnlDI7RTiF9RgfG2JNCw==",
	} {
		if got := sum(t, algorithm, "123456789").Value; got != want {
			t.Errorf("%s is %s, want %s", algorithm, got, want)
		}
	}
	if _, err := checksum.NewDigester(nil, "CRC8"); err == nil {
		t.Error("an unknown algorithm is taken")
	}
}

func TestJoinParts(t *testing.T) {
	t.Parallel()
	const first, second = "the quick brown ", "fox jumps over the lazy dog"
	for _, algorithm := range []string{"CRC32", "CRC32C", "CRC64NVME", "SHA256"} {
		parts := []*s3store.Part{
			{Blob: &s3store.Blob{Size: int64(len(first))}, Checksum: sum(t, algorithm, first)},
			{Blob: &s3store.Blob{Size: int64(len(second))}, Checksum: sum(t, algorithm, second)},
		}
		joined, ok := checksum.JoinParts(algorithm, parts)
		if ok != checksum.IsCRC(algorithm) {
			t.Errorf("%s: joined: %t", algorithm, ok)
		}
		if want := sum(t, algorithm, first+second).Value; ok && joined != want {
			t.Errorf("%s: joined to %s, want %s", algorithm, joined, want)
		}
	}
}

func TestFromRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header map[string]string
		want   s3store.Checksum
		fails  bool
	}{
		"none": {},
		"a header": {
			map[string]string{"X-Amz-Checksum-Crc32": "y/Q5Jg=="},
			s3store.Checksum{Algorithm: "CRC32", Value: "y/Q5Jg=="},
			false,
		},
		"a trailer": {
			map[string]string{"X-Amz-Trailer": "x-amz-checksum-sha256"},
			s3store.Checksum{Algorithm: "SHA256"},
			false,
		},
		"an algorithm alone": {
			map[string]string{"X-Amz-Sdk-Checksum-Algorithm": "crc32c"},
			s3store.Checksum{Algorithm: "CRC32C"},
			false,
		},
		"two": {map[string]string{
			"X-Amz-Checksum-Crc32":  "y/Q5Jg==",
			"X-Amz-Checksum-Crc32c": "4waSgw==",
		}, s3store.Checksum{}, true},
		"too short":            {map[string]string{"X-Amz-Checksum-Crc32": "y/Q5"}, s3store.Checksum{}, true},
		"an unknown header":    {map[string]string{"X-Amz-Checksum-Crc8": "eA=="}, s3store.Checksum{}, true},
		"an unknown algorithm": {map[string]string{"X-Amz-Sdk-Checksum-Algorithm": "crc8"}, s3store.Checksum{}, true},
		"another algorithm": {map[string]string{
			"X-Amz-Checksum-Crc32":         "y/Q5Jg==",
			"X-Amz-Sdk-Checksum-Algorithm": "SHA1",
		}, s3store.Checksum{}, true},
	} {
		r := &http.Request{Header: http.Header{}}
		for header, value := range test.header {
			r.Header.Set(header, value)
		}
		got, err := checksum.FromRequest(r)
		if test.fails != (err != nil) || err == nil && got != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
