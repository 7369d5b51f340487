package checksum

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// The polynomials of the CRCs, bit-reversed.
const (
	polyCRC32  = 0xedb88320
	polyCRC32C = 0x82f63b78
	polyCRC64  = 0x9a6c9329ac4bc9b5
)

// crc is a CRC of 32 or 64 bits. The CRCs of two bodies can be combined into
// the CRC of their concatenation.
type crc struct {
	poly uint64
	bits int
}

func crcOf(algorithm string) (crc, bool) {
	switch algorithm {
	case "CRC32":
		return crc{polyCRC32, 32}, true
	case "CRC32C":
		return crc{polyCRC32C, 32}, true
	case "CRC64NVME":
		return crc{polyCRC64, 64}, true
	default:
		return crc{}, false
	}
}

// IsCRC reports whether an algorithm is a CRC.
func IsCRC(algorithm string) bool {
	_, ok := crcOf(algorithm)
	return ok
}

// matrix is a linear map of bits: column i is the image of bit i.
type matrix [64]uint64

func (m *matrix) times(v uint64) uint64 {
	var out uint64
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			out ^= m[i]
		}
	}
	return out
}

func (m *matrix) square() *matrix {
	var out matrix
	for i := range out {
		out[i] = m.times(m[i])
	}
	return &out
}

// join returns the CRC of a body with CRC a, followed by length bytes with CRC
// b: it shifts a over that many zero bytes.
func (c crc) join(a, b uint64, length int64) uint64 {
	zero := &matrix{} // shifts over one zero bit
	zero[0] = c.poly
	for i := 1; i < c.bits; i++ {
		zero[i] = 1 << (i - 1)
	}
	for bits := uint64(length) * 8; bits != 0; bits >>= 1 { //nolint:gosec // a length is positive
		if bits&1 != 0 {
			a = zero.times(a)
		}
		zero = zero.square()
	}
	return a ^ b
}

func (c crc) decode(value string) (uint64, bool) {
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(raw) != c.bits/8 {
		return 0, false
	}
	if c.bits == 32 {
		return uint64(binary.BigEndian.Uint32(raw)), true
	}
	return binary.BigEndian.Uint64(raw), true
}

func (c crc) encode(value uint64) string {
	raw := binary.BigEndian.AppendUint64(nil, value)
	return base64.StdEncoding.EncodeToString(raw[8-c.bits/8:])
}

// JoinParts returns the checksum of a whole object from those of its parts. ok
// is false if it can't be computed.
func JoinParts(algorithm string, parts []*s3store.Part) (string, bool) {
	c, ok := crcOf(algorithm)
	if !ok {
		return "", false
	}
	var total uint64
	for i, part := range parts {
		sum := part.Checksum
		if sum.Algorithm != algorithm {
			sum = part.Joinable
		}
		value, ok := c.decode(sum.Value)
		if !ok || sum.Algorithm != algorithm {
			return "", false
		}
		if i == 0 {
			total = value
		} else {
			total = c.join(total, value, part.Blob.Size)
		}
	}
	return c.encode(total), true
}
