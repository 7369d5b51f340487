package checksum

import (
	"crypto/md5" //nolint:gosec // S3's own digests: they find damage and guard nothing
	"hash"
	"io"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// Digester computes digests of the bytes read through it: MD5 and one additional
// checksum.
type Digester struct {
	from      io.Reader
	Count     int64
	algorithm string
	md5Hash   hash.Hash
	sum       hash.Hash
	Joining   hash.Hash // CRC64NVME of a part that has another checksum; else nil
}

// Digests are the digests of a body.
type Digests struct {
	Size      int64
	MD5       []byte
	Joinable  s3store.Checksum // see [s3store.Part]
	Checksum  s3store.Checksum // with an algorithm: CRC64NVME by default
	Requested bool             // whether the caller requested the checksum
}

// NewDigester returns a digester for an algorithm, by default CRC64NVME.
func NewDigester(from io.Reader, algorithm string) (*Digester, error) {
	if algorithm == "" {
		algorithm = Default
	}
	sum := NewHash(algorithm)
	if sum == nil {
		return nil, UnknownAlgorithm()
	}
	return &Digester{from: from, algorithm: algorithm, md5Hash: md5.New(), sum: sum}, nil //nolint:gosec // as above
}

// Read reads from the underlying reader and updates the digests.
func (d *Digester) Read(p []byte) (int, error) {
	n, err := d.from.Read(p)
	d.Count += int64(n)
	d.md5Hash.Write(p[:n])
	d.sum.Write(p[:n])
	if d.Joining != nil {
		d.Joining.Write(p[:n])
	}
	return n, err
}

// Digests returns the digests of the bytes read so far.
func (d *Digester) Digests() Digests {
	out := Digests{
		Size:     d.Count,
		MD5:      d.md5Hash.Sum(nil),
		Checksum: s3store.Checksum{Algorithm: d.algorithm, Value: Encode(d.sum), Type: "FULL_OBJECT"},
	}
	if d.Joining != nil {
		out.Joinable = s3store.Checksum{Algorithm: Default, Value: Encode(d.Joining)}
	}
	return out
}
