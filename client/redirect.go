package client

import (
	"fmt"
	"net/http"
)

// maxRedirects limits the redirects that one call follows.
const maxRedirects = 5

// sameOrigin returns a copy of an HTTP client that follows redirects only
// within the origin of the call. The standard client would also send the token
// to subdomains, and to the same host without TLS.
func sameOrigin(base *http.Client) *http.Client {
	if base == nil {
		base = http.DefaultClient
	}
	checked := *base
	next := base.CheckRedirect
	checked.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		first := via[0].URL
		if request.URL.Scheme != first.Scheme || request.URL.Host != first.Host {
			return fmt.Errorf(
				"the server redirects to %s://%s; the token isn't sent there",
				request.URL.Scheme,
				request.URL.Host,
			)
		}
		if len(via) > maxRedirects {
			return fmt.Errorf("the server redirects too often: the limit is %d", maxRedirects)
		}
		if next != nil {
			return next(request, via)
		}
		return nil
	}
	return &checked
}
