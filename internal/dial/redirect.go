package dial

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// checkRedirect decides about a redirect. next is the request that would
// follow, and has a copy of the first one's headers; via are those before it.
func (c *carrier) checkRedirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1]
	switch c.limits.redirects {
	case returned:
		return http.ErrUseLastResponse
	case refused:
		return c.refuseRedirect(last, "redirect", "%s redirects, and Windlass doesn't follow redirects here.")
	case followed:
	}
	if len(via) > maxRedirects {
		return c.refuseRedirect(last, "too many redirects", "%s redirects too many times.")
	}
	refusal := c.checkURL(next.URL)
	if refusal == nil && last.URL.Scheme == "https" && next.URL.Scheme != "https" {
		refusal = &RefusedError{Host: next.URL.Hostname(), Reason: "scheme"}
	}
	if refusal != nil {
		return c.fail(next, refusal.Host, c.guard.refuse(next.Context(), refusal))
	}
	clean(next, via)
	return nil
}

func (c *carrier) refuseRedirect(last *http.Request, reason, message string) error {
	host := last.URL.Hostname()
	refusal := &RefusedError{Host: host, Reason: reason}
	c.log(last.Context(), host, refusal)
	return problem.Wrap(refusal, problem.Refused, message, host).WithHint("Use the redirect target as the address.")
}

// clean removes the Referer, which holds the path and query of the address
// before, and the source's own headers once a redirect has left its origin.
func clean(next *http.Request, via []*http.Request) {
	next.Header.Del("Referer")
	origin := originOf(via[0])
	left := originOf(next) != origin
	for _, request := range via {
		left = left || originOf(request) != origin
	}
	if left {
		maps.DeleteFunc(next.Header, func(name string, _ []string) bool { return !slices.Contains(ownHeaders, name) })
	}
}

// ownHeaders has the headers that Windlass itself sends.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
	"If-Unmodified-Since", "Range", "User-Agent",
}

// originOf returns the origin of a request (RFC 6454), in lower case.
func originOf(r *http.Request) string {
	port := r.URL.Port()
	if port == "" && r.URL.Scheme == "https" {
		port = "443"
	}
	return r.URL.Scheme + "://" + strings.ToLower(r.URL.Hostname()) + ":" + port
}
