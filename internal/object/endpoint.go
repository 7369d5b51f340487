package object

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// EndpointFault says what is wrong with the address of an S3-compatible
// service; empty when nothing is. Unless private is true it must be https and
// not name the service's own machine or network: whoever names an endpoint
// would see through the service's eyes.
func EndpointFault(address string, private bool) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || len(address) > 256 {
		return fmt.Sprintf("%s is not an address such as https://s3.example.com.", strconv.Quote(address))
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Sprintf("%s has more than a scheme, a host and a port.", strconv.Quote(address))
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !private) {
		return fmt.Sprintf("%s is not an https:// address.", strconv.Quote(address))
	}
	if !private && isPrivateHost(u.Hostname()) {
		return fmt.Sprintf("%s is on the service's own machine or network.", strconv.Quote(address))
	}
	return ""
}

// isPrivateHost judges by the name alone; the transport judges again by the
// address that the name has when it is called.
func isPrivateHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local") {
		return true
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		// A name without a dot, and one that ends in a number such as
		// "2130706433" or "127.1", is read as an address by some resolvers.
		last := host[strings.LastIndexByte(host, '.')+1:]
		return !strings.Contains(host, ".") || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x")
	}
	address = address.Unmap()
	return !address.IsGlobalUnicast() || address.IsPrivate() || sharedAddresses.Contains(address)
}

// sharedAddresses are a carrier's own (RFC 6598), which some clouds use for
// their metadata.
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")
