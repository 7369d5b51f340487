package s3api

import (
	"crypto/md5" //nolint:gosec // an ETag is an MD5; it guards nothing
	"hash"
	"io"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// digester digests what is read through it: MD5 and one additional checksum.
type digester struct {
	from      io.Reader
	read      int64
	algorithm string
	md5       hash.Hash
	sum       hash.Hash
	joinable  hash.Hash // CRC64NVME of a part that brings another checksum; else nil
}

// digests is what is known of a body that has been read.
type digests struct {
	size     int64
	md5      []byte
	joinable s3store.Checksum // see [s3store.Part]
	checksum s3store.Checksum // always of an algorithm: CRC64NVME when none was asked for
	given    bool             // the caller asked for the checksum
}

// newDigester makes one for an algorithm, CRC64NVME for none.
func newDigester(from io.Reader, _ int64, algorithm string) (*digester, error) {
	if algorithm == "" {
		algorithm = defaultAlgorithm
	}
	sum := newHash(algorithm)
	if sum == nil {
		return nil, unknownAlgorithm()
	}
	return &digester{from: from, algorithm: algorithm, md5: md5.New(), sum: sum}, nil //nolint:gosec // as above
}

// Read gives what is read on, and digests it.
func (d *digester) Read(p []byte) (int, error) {
	n, err := d.from.Read(p)
	d.read += int64(n)
	d.md5.Write(p[:n])
	d.sum.Write(p[:n])
	if d.joinable != nil {
		d.joinable.Write(p[:n])
	}
	return n, err
}

func (d *digester) digests() digests {
	out := digests{size: d.read, md5: d.md5.Sum(nil), checksum: s3store.Checksum{Algorithm: d.algorithm, Value: sum64(d.sum), Type: "FULL_OBJECT"}}
	if d.joinable != nil {
		out.joinable = s3store.Checksum{Algorithm: defaultAlgorithm, Value: sum64(d.joinable)}
	}
	return out
}
