package dial

import (
	"net/netip"
	"slices"
)

// Metadata is the reason with which [Policy.Judge] refuses the addresses at
// which clouds serve a machine's own credentials.
const Metadata = "cloud metadata"

// Policy decides which addresses may be connected to, and which endpoints may
// be saved. The zero value allows public addresses only.
type Policy struct {
	// AllowPrivate allows loopback, private and shared addresses, http,
	// every port, and names that only resolve in a local network.
	AllowPrivate bool
	// Allow opens more blocks. It never opens cloud metadata.
	Allow []netip.Prefix

	vpc bool // private addresses are open: VPC endpoints of AWS have them
}

// forAWS returns the policy for AWS's own hosts, which have private addresses
// where a VPC endpoint serves them.
func (p Policy) forAWS() Policy {
	p.vpc = true
	return p
}

// Judge returns why an address is refused: its name in the IANA registries, or
// [Metadata]. It returns the empty string when the address is allowed. An
// IPv4-mapped address is judged as IPv4.
func (p Policy) Judge(address netip.Addr) string {
	if !address.IsValid() {
		return "not an address"
	}
	address = address.Unmap().WithZone("")
	if slices.Contains(metadata, address) {
		return Metadata
	}
	name, refused := p.lookup(address)
	if !refused {
		return ""
	}
	for _, prefix := range p.Allow {
		if prefix.Contains(address) {
			return p.judgeEmbedded(address, prefix)
		}
	}
	return name
}

// lookup finds the most specific block of an address, and reports whether it
// is closed.
func (p Policy) lookup(address netip.Addr) (name string, refused bool) {
	for i := range blocks {
		if b := &blocks[i]; b.prefix.Contains(address) {
			return b.name, !p.opens(b.class)
		}
	}
	return reserved, address.Is6() && !globalUnicast.Contains(address)
}

func (p Policy) opens(c class) bool {
	switch c {
	case loopback:
		return p.AllowPrivate
	case private:
		return p.AllowPrivate || p.vpc
	case closed:
	}
	return false
}

// judgeEmbedded judges the IPv4 address inside an address that the given
// prefix allows, because a translator would connect to it.
func (p Policy) judgeEmbedded(address netip.Addr, opened netip.Prefix) string {
	inner, ok := embedded(address, opened.Bits())
	switch {
	case !ok:
		return ""
	case hidesMetadata(address):
		return Metadata
	}
	return p.Judge(inner)
}

var (
	wellKnownNAT64 = netip.MustParsePrefix("64:ff9b::/96")
	localNAT64     = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour      = netip.MustParsePrefix("2002::/16")
	teredo         = netip.MustParsePrefix("2001::/32")
	compatible     = netip.MustParsePrefix("::/96")           // RFC 4291, section 2.5.5.1
	translated     = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 7915
)

// embedded returns the IPv4 address that an IPv6 address contains, or false
// if there is none. bits is the length of the translator's prefix, which
// decides where the address is in the block for local use (RFC 6052, section
// 2.2); any other length than the RFC's means 96.
func embedded(address netip.Addr, bits int) (netip.Addr, bool) {
	b := address.As16()
	switch {
	case address.Is4():
	case wellKnownNAT64.Contains(address), compatible.Contains(address), translated.Contains(address):
		return at(b, 12, 13, 14, 15), true
	case localNAT64.Contains(address):
		return at(b, layout(bits)...), true
	case sixToFour.Contains(address):
		return at(b, 2, 3, 4, 5), true
	case teredo.Contains(address):
		return netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}), true
	}
	return netip.Addr{}, false
}

// layout returns the indexes of the bytes with the IPv4 address, for a prefix
// length. Byte 8 is always zero.
func layout(bits int) []int {
	switch bits {
	case 48:
		return []int{6, 7, 9, 10}
	case 56:
		return []int{7, 9, 10, 11}
	case 64:
		return []int{9, 10, 11, 12}
	}
	return []int{12, 13, 14, 15}
}

func at(b [16]byte, places ...int) netip.Addr {
	return netip.AddrFrom4([4]byte{b[places[0]], b[places[1]], b[places[2]], b[places[3]]})
}

// hidesMetadata reports whether an address contains one of cloud metadata,
// for any length of the translator's prefix.
func hidesMetadata(address netip.Addr) bool {
	return slices.ContainsFunc([]int{48, 56, 64, 96}, func(bits int) bool {
		inner, ok := embedded(address, bits)
		return ok && slices.Contains(metadata, inner)
	})
}
