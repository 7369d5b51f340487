package config_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/dial"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env   map[string]string
		want  dial.Policy
		proxy string
	}{
		"by default": {nil, dial.Policy{}, ""},
		"private endpoints": {
			map[string]string{"WINDLASS_ALLOW_PRIVATE_ENDPOINTS": "true"},
			dial.Policy{AllowPrivate: true},
			"",
		},
		"not private endpoints": {map[string]string{"WINDLASS_ALLOW_PRIVATE_ENDPOINTS": "false"}, dial.Policy{}, ""},
		"a rehearsal": {
			map[string]string{"WINDLASS_AWS_ENDPOINT": "http://127.0.0.1:9090"},
			dial.Policy{AllowPrivate: true},
			"",
		},
		"a rehearsal by name": {
			map[string]string{"WINDLASS_AWS_ENDPOINT": "http://localhost:9090"},
			dial.Policy{AllowPrivate: true},
			"",
		},
		"a store of the operator": {
			map[string]string{"WINDLASS_AWS_ENDPOINT": "https://s3.example.com"},
			dial.Policy{},
			"",
		},
		"blocks": {
			map[string]string{"WINDLASS_DIAL_ALLOW": "64:ff9b::/96, 10.1.2.3/8"},
			dial.Policy{Allow: []netip.Prefix{
				netip.MustParsePrefix("64:ff9b::/96"),
				netip.MustParsePrefix("10.0.0.0/8"),
			}},
			"",
		},
		"a proxy": {
			map[string]string{"WINDLASS_EGRESS_PROXY": "http://user:word@proxy.example.com:3128"},
			dial.Policy{},
			"proxy.example.com:3128",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Load(config.Sources{Getenv: func(n string) string { return c.env[n] }})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.DialPolicy(), cmpopts.IgnoreUnexported(dial.Policy{}),
				cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			proxy := got.DialProxy()
			if (proxy != nil) != (c.proxy != "") || proxy != nil && proxy.Host != c.proxy {
				t.Errorf("proxy: got %v", proxy)
			}
		})
	}
}
