package sqsapi

import (
	"crypto/md5" //nolint:gosec // SQS's own digests: they find damage and guard nothing
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// MD5OfBody returns the digest of a message's body.
func MD5OfBody(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// MD5OfAttributes returns the digest of message attributes, or "" if there are
// none, as the SQS developer guide has it under "Calculating the MD5 message digest
// for message attributes".
func MD5OfAttributes(attributes map[string]sqsstore.Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var text []byte
	add := func(value string) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(value))) //nolint:gosec // a message is at most 1 MiB
		text = append(text, value...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		add(name)
		add(a.DataType)
		if strings.HasPrefix(a.DataType, "Binary") {
			text = append(text, 2)
			add(string(a.BinaryValue))
		} else {
			text = append(text, 1)
			add(a.StringValue)
		}
	}
	return MD5OfBody(string(text))
}
