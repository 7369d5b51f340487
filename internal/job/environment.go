package job

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// inherited has the AWS variables that don't affect the identity. All other
// AWS_* variables are another identity or lead to one.
var inherited = []string{
	"AWS_DEFAULT_OUTPUT", "AWS_PAGER", "AWS_CA_BUNDLE", "AWS_DEFAULTS_MODE",
	"AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
	"AWS_STS_REGIONAL_ENDPOINTS", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "AWS_S3_USE_ARN_REGION",
	"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_EXECUTION_ENV", "AWS_SDK_UA_APP_ID",
	"AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION",
}

// Environment returns the environment for a command whose only AWS identity is
// the one in set: base without any other, and with the shared files and the
// machine's own role disabled, which some SDKs would try first. It sets both
// variables for a region, because each SDK reads one of them.
func Environment(base []string, set map[string]string) []string {
	out := slices.DeleteFunc(slices.Clone(base), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return foreign(name)
	})
	region := func(name string) string { return cmp.Or(set[name], valueOf(base, name)) }
	all := map[string]string{
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	for name, value := range set {
		all[name] = value
	}
	if only := cmp.Or(region("AWS_REGION"), region("AWS_DEFAULT_REGION")); only != "" {
		all["AWS_REGION"] = only
		all["AWS_DEFAULT_REGION"] = cmp.Or(region("AWS_DEFAULT_REGION"), only)
	}
	for _, name := range sorted(all) {
		out = append(out, name+"="+all[name])
	}
	return out
}

// foreign reports whether a variable is, or leads to, an AWS identity.
func foreign(name string) bool {
	name = strings.ToUpper(name) // Windows ignores case
	switch {
	case name == "BOTO_CONFIG":
		return true
	case !strings.HasPrefix(name, "AWS_"):
		return false
	case strings.HasPrefix(name, "AWS_ENDPOINT_URL_"):
		return false
	default:
		return !slices.Contains(inherited, name)
	}
}

func valueOf(base []string, name string) string {
	for _, entry := range base {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// ContainerVariables name an endpoint to the AWS SDKs.
func (e *Endpoint) ContainerVariables() map[string]string {
	return map[string]string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": e.URL,
		"AWS_CONTAINER_AUTHORIZATION_TOKEN":  e.Token.Reveal(),
	}
}

func sorted(of map[string]string) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
