package dial_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/dial"
)

// isPublic decides with the standard library and a list of further blocks,
// independently of the package.
func isPublic(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() {
		return false
	}
	for _, block := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/3", "::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		if netip.MustParsePrefix(block).Contains(address) {
			return false
		}
	}
	return true
}

// FuzzEndpoint saves any endpoint, and has its name resolve to any addresses.
// What is saved means the same to net/url, keeps its spelling, and never
// connects to an address that isn't public.
func FuzzEndpoint(f *testing.F) {
	for _, c := range readCases(f) {
		switch c.Kind {
		case "endpoint":
			f.Add(c.Value, []byte{127, 0, 0, 1, 93, 184, 216, 34})
		case "address":
			f.Add("https://files.example.net", netip.MustParseAddr(c.Address).AsSlice())
		}
	}
	f.Fuzz(func(t *testing.T, value string, answers []byte) {
		saved, err := dial.Policy{}.Endpoint(value)
		if err != nil {
			if saved != "" || !strings.Contains(err.Error(), `"`) {
				t.Errorf("%q: %q %v", value, saved, err)
			}
			return
		}
		again, err := dial.Policy{}.Endpoint(saved)
		if err != nil || again != saved {
			t.Errorf("%q is saved as %q and then as %q: %v", value, saved, again, err)
		}
		given, err := url.Parse(value)
		if err != nil {
			t.Fatalf("%q is saved, and is no URL: %v", value, err)
		}
		parsed, err := url.Parse(saved)
		if err != nil || parsed.Scheme != "https" || parsed.User != nil || parsed.Path != "" || parsed.RawQuery != "" ||
			parsed.Fragment != "" || parsed.Port() != given.Port() {
			t.Fatalf("%q is saved as %q: %v", value, saved, err)
		}
		host := strings.TrimSuffix(strings.ToLower(given.Hostname()), ".")
		if address, err := netip.ParseAddr(host); err == nil {
			host = address.String()
			if !isPublic(address) {
				t.Errorf("%q is saved", value)
			}
		}
		if parsed.Hostname() != host {
			t.Errorf("%q is saved as %q", value, saved)
		}
		connects(t, saved, parsed.Hostname(), answers)
	})
}

// connects resolves a host to the addresses in a fuzzer's bytes, and fails for
// each that isn't public and would be connected.
func connects(t *testing.T, endpoint, host string, answers []byte) {
	var list []netip.Addr
	for chunk := range slices.Chunk(answers[:min(len(answers), 64)], 4) {
		if a, ok := netip.AddrFromSlice(chunk); ok {
			list = append(list, a)
		}
	}
	for chunk := range slices.Chunk(answers[:min(len(answers), 64)], 16) {
		if a, ok := netip.AddrFromSlice(chunk); ok {
			list = append(list, a)
		}
	}
	var tried attempts
	guard := dial.New(dial.Config{Resolver: newZone().set(host, list).resolver(), Control: tried.control})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := guard.Client(dial.Endpoint).Do(request)
	if err == nil {
		_ = response.Body.Close()
		t.Errorf("%s was reached", endpoint)
	}
	for _, address := range tried.sorted() {
		if !isPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s connects to %s", endpoint, address)
		}
	}
}
