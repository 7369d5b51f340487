package value

import (
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"
)

// ParseBool parses "true" or "false", ignoring case.
func ParseBool(text string) (value, ok bool) {
	switch {
	case text == "true" || strings.EqualFold(text, "true"):
		return true, true
	case text == "false" || strings.EqualFold(text, "false"):
		return false, true
	default:
		return false, false
	}
}

// TrimBase64 returns base64 text (RFC 4648, section 4) without padding. ok is
// false for other text, including text whose unused bits aren't zero, so that
// two results are equal if and only if their bytes are.
func TrimBase64(text string) (string, bool) {
	trimmed := strings.TrimRight(text, "=")
	if padding := len(text) - len(trimmed); padding > 2 || padding > 0 && len(text)%4 != 0 {
		return "", false
	}
	if strings.ContainsAny(trimmed, "\r\n") {
		return "", false
	}
	_, err := base64.RawStdEncoding.Strict().DecodeString(trimmed)
	return trimmed, err == nil
}

// Network is a range of IP addresses.
type Network struct {
	Address
	maskHigh, maskLow uint64
}

// ParseNetwork parses an address range in CIDR notation, or a single address.
// An IPv4-mapped IPv6 address (::ffff:192.0.2.1) becomes the IPv4 address.
func ParseNetwork(text string) (Network, bool) {
	prefix, ok := parsePrefix(text)
	if !ok {
		return Network{}, false
	}
	n := Network{Address: addressOf(prefix.Masked().Addr())}
	// Shifting by the full width leaves 0, the mask of an empty prefix.
	if bits := prefix.Bits(); n.isV4 {
		n.maskHigh, n.maskLow = ^uint64(0), ^uint64(0)<<(32-bits)
	} else {
		n.maskHigh, n.maskLow = ^uint64(0)<<(64-min(bits, 64)), ^uint64(0)<<(128-max(bits, 64))
	}
	return n, true
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, false
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return prefix, true
}

func v4Bits(addr netip.Addr) uint32 {
	b := addr.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// Address is one IP address.
type Address struct {
	isV4      bool
	high, low uint64 // IPv4 uses only low
}

// ParseAddress parses an IP address.
func ParseAddress(text string) (Address, bool) {
	if bits, ok := parseV4(text); ok {
		return Address{isV4: true, low: uint64(bits)}, true
	}
	if strings.IndexByte(text, ':') < 0 {
		return Address{}, false
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return Address{}, false
	}
	return addressOf(addr.Unmap()), true
}

func addressOf(addr netip.Addr) Address {
	if addr.Is4() {
		return Address{isV4: true, low: uint64(v4Bits(addr))}
	}
	b := addr.As16()
	return Address{high: binary.BigEndian.Uint64(b[:8]), low: binary.BigEndian.Uint64(b[8:])}
}

// parseV4 parses four numbers below 256 without leading zeros, separated by
// dots.
func parseV4(text string) (uint32, bool) {
	var bits, number uint32
	digits, points := 0, 0
	for i := range len(text) {
		c := text[i]
		switch {
		case '0' <= c && c <= '9':
			if digits > 0 && number == 0 {
				return 0, false
			}
			if number = number*10 + uint32(c-'0'); number > 255 {
				return 0, false
			}
			digits++
		case c == '.' && digits > 0 && points < 3:
			bits, number, digits = bits<<8|number, 0, 0
			points++
		default:
			return 0, false
		}
	}
	return bits<<8 | number, digits > 0 && points == 3
}

// Contains reports whether an address is in the range. IPv4 addresses are
// never in IPv6 ranges, nor the other way around.
func (n *Network) Contains(a Address) bool {
	return n.isV4 == a.isV4 && a.low&n.maskLow == n.low && a.high&n.maskHigh == n.high
}
