package lint

import (
	"net/netip"
	"regexp"
	"slices"
)

var valueRules = []rule{
	{everyKind, (*checker).addresses},
	{everyKind, (*checker).endpoints},
	{everyKind, (*checker).booleans},
}

func parseRange(value string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(value); err == nil {
		return prefix, true
	}
	address, err := netip.ParseAddr(value)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, address.BitLen()), true
}

// privateRanges are addresses that requests to AWS's public endpoints never
// come from.
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("::1/128"),
}

func isPrivate(value string) bool {
	within, ok := parseRange(value)
	return ok && slices.ContainsFunc(privateRanges, func(p netip.Prefix) bool {
		return p.Bits() <= within.Bits() && p.Contains(within.Addr())
	})
}

// addresses reports source addresses that requests never have.
func (c *checker) addresses(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		values := on.entries()
		public := func(v entry) bool { return !isPrivate(v.Value) }
		if !on.named("aws:SourceIp") || on.operator.family != ipFamily || len(values) == 0 ||
			slices.ContainsFunc(values, public) {
			continue
		}
		effect := "no request matches"
		if on.operator.negated {
			effect = "every request matches"
		}
		c.report(
			"private-ip",
			on.place,
			nil,
			"aws:SourceIp is the public address of the caller, but %s is private, so %s. In a VPC, use "+
				"aws:VpcSourceIp together with aws:SourceVpc or aws:SourceVpce.",
			shorten(values[0].Value),
			effect,
		)
	}
}

var (
	endpointID = regexp.MustCompile(`^vpce-(?:[0-9a-zA-Z]{8}|[0-9a-zA-Z]{17})$`)
	networkID  = regexp.MustCompile(`^vpc-(?:[0-9a-zA-Z]{8}|[0-9a-zA-Z]{17})$`)
)

func (c *checker) endpoints(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		form, begin := endpointID, "vpce-"
		switch {
		case on.operator.family != stringFamily:
			continue
		case on.named("aws:SourceVpc"):
			form, begin = networkID, "vpc-"
		case !on.named("aws:SourceVpce"):
			continue
		}
		for _, value := range on.entries() {
			if !wildcards(value.Value) && len(variables(value.Value)) == 0 && !form.MatchString(value.Value) {
				c.report("invalid-vpce-format", value.place, nil,
					"%q is not the ID of a VPC%s. Use %s followed by 8 or 17 letters or digits.", shorten(value.Value),
					map[string]string{"vpce-": " endpoint", "vpc-": ""}[begin], begin)
			}
		}
	}
}

func (c *checker) booleans(s *statement) {
	for i := range s.conditions {
		on := &s.conditions[i]
		if on.operator.family == boolFamily && len(on.Values.Values) > 1 {
			c.report("multiple-boolean", on.place, nil,
				"%s matches both true and false, so it isn't tested at all. Use one value.", on.Key.Value)
		}
	}
}
