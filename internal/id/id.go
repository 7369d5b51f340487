// Package id generates identifiers: a prefix for the kind, such as "int_" or
// "ds_", which also lets scanners find leaked ones, and 26 characters that sort
// by time.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns a new identifier such as "int_01jd3v…": 48 bits of the time in
// milliseconds, then 80 random bits, in Crockford's base 32.
func New(prefix string, now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // crypto/rand.Read never returns an error
	return prefix + "_" + encoding.EncodeToString(b[:])
}

// Has reports whether s has the form of an identifier with this prefix.
func Has(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	_, err := encoding.DecodeString(rest)
	return err == nil
}

// Hex returns the 16 bytes of an identifier as 32 hexadecimal digits; or "" if
// it isn't one. [FromHex] is its inverse.
func Hex(s string) string {
	_, rest, _ := strings.Cut(s, "_")
	b, err := encoding.DecodeString(rest)
	if err != nil || len(b) != 16 {
		return ""
	}
	return hex.EncodeToString(b)
}

// FromHex returns the identifier with these 32 hexadecimal digits, in any case.
func FromHex(prefix, digits string) (s string, ok bool) {
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 16 {
		return "", false
	}
	return prefix + "_" + encoding.EncodeToString(b), true
}
