package cli

import (
	"strconv"

	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/internal/job"
	"github.com/windlass-io/windlass/internal/problem"
)

func insecureFlag(flags *pflag.FlagSet, into *bool) {
	flags.BoolVar(into, "insecure-http", false, "send the token over plain HTTP to a host that isn't this machine (WINDLASS_INSECURE_HTTP)")
}

// secured returns nil if a token may be sent to an address: over https, to
// this machine, or if the caller accepts that others in between can read it.
func secured(address string, insecure bool, streams Streams) error {
	if !insecure {
		insecure, _ = strconv.ParseBool(streams.Getenv("WINDLASS_INSECURE_HTTP"))
	}
	_, err := job.SecureURL(address)
	if insecure && job.IsPlain(err) {
		return nil
	}
	if job.IsPlain(err) {
		return usageError{problem.From(err).WithHint(
			"Use its https address. If you trust the network, add --insecure-http.")}
	}
	if err != nil {
		return usageError{err}
	}
	return nil
}
