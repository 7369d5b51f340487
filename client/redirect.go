package client

import (
	"fmt"
	"net/http"
)

// maxRedirects bounds the redirects that one call follows.
const maxRedirects = 5

// sameOrigin returns a copy of an HTTP client that follows a redirect only
// within the origin that the call was made to. The standard client would carry
// the token on to subdomains, and to the same host without TLS.
func sameOrigin(base *http.Client) *http.Client {
	if base == nil {
		base = http.DefaultClient
	}
	checked := *base
	next := base.CheckRedirect
	checked.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		first := via[0].URL
		if request.URL.Scheme != first.Scheme || request.URL.Host != first.Host {
			return fmt.Errorf("the server redirects to %s://%s; the token isn't sent there", request.URL.Scheme, request.URL.Host)
		}
		if len(via) > maxRedirects {
			return fmt.Errorf("the server redirects more than %d times", maxRedirects)
		}
		if next != nil {
			return next(request, via)
		}
		return nil
	}
	return &checked
}
