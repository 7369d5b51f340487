package value

import (
	"encoding/base64"
	"net/netip"
	"strings"
)

// ParseBool reads "true" or "false", in any case.
func ParseBool(text string) (value, ok bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	default:
		return false, false
	}
}

// TrimBase64 checks that text is base64 (RFC 4648, section 4) and gives it
// without padding. Two texts so trimmed are equal where the bytes are, since
// one whose last bits are not zero is refused.
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

// ParseNetwork reads an address range in CIDR notation, or an address as the
// range of itself alone. An IPv4 address in IPv6 clothes (::ffff:192.0.2.1) is
// the IPv4 address.
func ParseNetwork(text string) (netip.Prefix, bool) {
	if !strings.Contains(text, "/") {
		addr, ok := ParseAddress(text)
		if !ok {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), true
}

// ParseAddress reads one IP address.
func ParseAddress(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}
