package checksum

import (
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// XML is a checksum in a document.
type XML struct {
	ChecksumCRC32     string `xml:",omitempty"`
	ChecksumCRC32C    string `xml:",omitempty"`
	ChecksumCRC64NVME string `xml:",omitempty"`
	ChecksumMD5       string `xml:",omitempty"`
	ChecksumSHA1      string `xml:",omitempty"`
	ChecksumSHA256    string `xml:",omitempty"`
	ChecksumSHA512    string `xml:",omitempty"`
	ChecksumXXHASH128 string `xml:",omitempty"`
	ChecksumXXHASH3   string `xml:",omitempty"`
	ChecksumXXHASH64  string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

// NewXML returns a checksum as an element of a document, with its type if kind
// is set.
func NewXML(sum s3store.Checksum, kind bool) XML {
	var out XML
	if field := out.field(sum.Algorithm); field != nil && sum.Value != "" {
		*field = sum.Value
		if kind {
			out.ChecksumType = sum.Type
		}
	}
	return out
}

func (x *XML) field(algorithm string) *string {
	switch algorithm {
	case "CRC32":
		return &x.ChecksumCRC32
	case "CRC32C":
		return &x.ChecksumCRC32C
	case "CRC64NVME":
		return &x.ChecksumCRC64NVME
	case "SHA1":
		return &x.ChecksumSHA1
	case "SHA256":
		return &x.ChecksumSHA256
	case "SHA512":
		return &x.ChecksumSHA512
	case "MD5":
		return &x.ChecksumMD5
	case "XXHASH128":
		return &x.ChecksumXXHASH128
	case "XXHASH3":
		return &x.ChecksumXXHASH3
	case "XXHASH64":
		return &x.ChecksumXXHASH64
	default:
		return nil
	}
}

// List returns the checksums that are set.
func (x XML) List() []s3store.Checksum {
	var sums []s3store.Checksum
	for _, algorithm := range Algorithms {
		if value := *x.field(algorithm); value != "" {
			sums = append(sums, s3store.Checksum{Algorithm: algorithm, Value: value})
		}
	}
	return sums
}

// Matches reports whether every named checksum equals the stored one.
func (x XML) Matches(sum s3store.Checksum) bool {
	for _, algorithm := range Algorithms {
		if named := *x.field(algorithm); named != "" && (algorithm != sum.Algorithm || named != sum.Value) {
			return false
		}
	}
	return true
}
