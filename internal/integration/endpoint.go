package integration

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// endpointFault says what is wrong with the address of an S3-compatible
// service; empty when nothing is. A service that strangers use is not sent to
// its own machine or network: whoever names an endpoint would see through its
// eyes.
func (s *Service) endpointFault(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || len(address) > 256 {
		return fmt.Sprintf("%s is not an address such as https://s3.example.com.", quoted(address))
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Sprintf("%s has more than a scheme, a host and a port.", quoted(address))
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !s.config.PrivateEndpoints) {
		return fmt.Sprintf("%s is not an https:// address.", quoted(address))
	}
	if !s.config.PrivateEndpoints && isPrivateHost(u.Hostname()) {
		return fmt.Sprintf("%s is on the service's own machine or network.", quoted(address))
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
