package dial

import (
	"net/netip"
	"slices"
)

// class is the setting that opens a block.
type class int

const (
	closed   class = iota // only dial_allow opens it
	loopback              // allow_private_endpoints opens it
	private               // allow_private_endpoints opens it, and AWS's own hosts may be in it
)

// block is an entry of a registry. Its name is the registry's own.
type block struct {
	prefix netip.Prefix
	name   string
	class  class
}

// reserved is the name of everything outside the blocks that IANA has
// allocated for global unicast.
const reserved = "Reserved by IETF"

// globalUnicast is the only IPv6 space that is in use (RFC 4291, section 2.4).
var globalUnicast = netip.MustParsePrefix("2000::/3")

// blocks lists the IANA IPv4 and IPv6 Special-Purpose Address Registries of
// 2025-10-09, with multicast and the reserved blocks of the IPv4 and IPv6
// Address Space registries. The longest prefix comes first.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
var blocks = sorted([]block{
	entry("0.0.0.0/8", "This network", closed),
	entry("0.0.0.0/32", "This host on this network", closed),
	entry("10.0.0.0/8", "Private-Use", private),
	entry("100.64.0.0/10", "Shared Address Space", private),
	entry("127.0.0.0/8", "Loopback", loopback),
	entry("169.254.0.0/16", "Link Local", closed),
	entry("172.16.0.0/12", "Private-Use", private),
	entry("192.0.0.0/24", "IETF Protocol Assignments", closed),
	entry("192.0.0.0/29", "IPv4 Service Continuity Prefix", closed),
	entry("192.0.0.8/32", "IPv4 dummy address", closed),
	entry("192.0.0.9/32", "Port Control Protocol Anycast", closed),
	entry("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", closed),
	entry("192.0.0.170/32", "NAT64/DNS64 Discovery", closed),
	entry("192.0.0.171/32", "NAT64/DNS64 Discovery", closed),
	entry("192.0.2.0/24", "Documentation (TEST-NET-1)", closed),
	entry("192.31.196.0/24", "AS112-v4", closed),
	entry("192.52.193.0/24", "AMT", closed),
	entry("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", closed),
	entry("192.88.99.2/32", "6a44-relay anycast address", closed),
	entry("192.168.0.0/16", "Private-Use", private),
	entry("192.175.48.0/24", "Direct Delegation AS112 Service", closed),
	entry("198.18.0.0/15", "Benchmarking", closed),
	entry("198.51.100.0/24", "Documentation (TEST-NET-2)", closed),
	entry("203.0.113.0/24", "Documentation (TEST-NET-3)", closed),
	entry("224.0.0.0/4", "Multicast", closed),
	entry("240.0.0.0/4", "Reserved", closed),
	entry("255.255.255.255/32", "Limited Broadcast", closed),

	entry("::/8", reserved, closed),
	entry("::/128", "Unspecified Address", closed),
	entry("::1/128", "Loopback Address", loopback),
	entry("64:ff9b::/96", "IPv4-IPv6 Translat.", closed),
	entry("64:ff9b:1::/48", "IPv4-IPv6 Translat.", closed),
	entry("100::/64", "Discard-Only Address Block", closed),
	entry("100:0:0:1::/64", "Dummy IPv6 Prefix", closed),
	entry("2001::/23", "IETF Protocol Assignments", closed),
	entry("2001::/32", "TEREDO", closed),
	entry("2001:1::1/128", "Port Control Protocol Anycast", closed),
	entry("2001:1::2/128", "Traversal Using Relays around NAT Anycast", closed),
	entry("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", closed),
	entry("2001:2::/48", "Benchmarking", closed),
	entry("2001:3::/32", "AMT", closed),
	entry("2001:4:112::/48", "AS112-v6", closed),
	entry("2001:10::/28", "Deprecated (previously ORCHID)", closed),
	entry("2001:20::/28", "ORCHIDv2", closed),
	entry("2001:30::/28", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", closed),
	entry("2001:db8::/32", "Documentation", closed),
	entry("2002::/16", "6to4", closed),
	entry("2620:4f:8000::/48", "Direct Delegation AS112 Service", closed),
	entry("3fff::/20", "Documentation", closed),
	entry("5f00::/16", "Segment Routing (SRv6) SIDs", closed),
	entry("fc00::/7", "Unique-Local", private),
	entry("fe80::/10", "Link-Local Unicast", closed),
	entry("fec0::/10", reserved, closed),
	entry("ff00::/8", "Multicast", closed),
})

// metadata lists where clouds serve a machine's own credentials. No setting
// opens them.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Azure, Google Cloud, and most others
	netip.MustParseAddr("169.254.170.2"),   // Amazon ECS
	netip.MustParseAddr("169.254.170.23"),  // Amazon EKS
	netip.MustParseAddr("100.100.100.200"), // Alibaba Cloud
	netip.MustParseAddr("168.63.129.16"),   // Azure's platform services
	netip.MustParseAddr("192.0.0.192"),     // Oracle Cloud
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd00:ec2::23"),    // Amazon EKS
	netip.MustParseAddr("fd20:ce::254"),    // Google Cloud
}

func entry(prefix, name string, c class) block { return block{netip.MustParsePrefix(prefix), name, c} }

func sorted(list []block) []block {
	slices.SortStableFunc(list, func(a, b block) int { return b.prefix.Bits() - a.prefix.Bits() })
	return list
}
