package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/problem"
)

// carrier is the transport of one use.
type carrier struct {
	guard  *Guard
	use    Use
	limits limits
	policy Policy
	inner  *http.Transport
}

// RoundTrip checks the address, sends the request, and limits the response.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Hostname()
	if refused := c.checkURL(r.URL); refused != nil {
		closeBody(r)
		return nil, c.fail(r, host, c.guard.refuse(r.Context(), refused))
	}
	ctx, cancel := c.bounded(r.Context())
	response, err := c.inner.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, c.fail(r, host, err)
	}
	response.Request = r
	response.Body = c.boundBody(response.Body, host, cancel)
	return response, nil
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// checkURL checks an address that may have been saved under another policy, or
// to which another host redirects. AWS's own hosts come from the SDK.
func (c *carrier) checkURL(u *url.URL) *RefusedError {
	if c.use == AWS {
		return nil
	}
	authority := u.Host
	if u.User != nil {
		authority = "@" + authority
	}
	_, err := c.policy.check(u.Scheme+"://"+authority, maxURL, func(string) bool { return true })
	var fault *EndpointError
	if errors.As(err, &fault) {
		return &RefusedError{Host: u.Hostname(), Reason: fault.Reason}
	}
	return nil
}

// bounded returns the context for a request and its response.
func (c *carrier) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.limits.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.limits.timeout)
}

// fail converts the error of a request to one that its caller may see.
func (c *carrier) fail(r *http.Request, host string, cause error) error {
	if errors.Is(context.Cause(r.Context()), context.Canceled) {
		return cause // the caller gave up
	}
	c.log(r.Context(), host, cause)
	return cannotConnect(host, cause)
}

// boundBody returns a body that ends the request's context when it is closed,
// and fails after the bytes that the use allows.
func (c *carrier) boundBody(body io.ReadCloser, host string, cancel context.CancelFunc) io.ReadCloser {
	if c.limits.maxBody < 0 {
		_ = body.Close()
		cancel()
		return http.NoBody
	}
	return &answer{ReadCloser: body, cancel: cancel, host: host, most: c.limits.maxBody, left: c.limits.maxBody}
}

// answer is the limited body of a response.
type answer struct {
	io.ReadCloser
	cancel context.CancelFunc
	host   string
	most   int64 // bytes; 0: any
	left   int64
}

// Read reads the next bytes. If there are too many, the error is a problem
// with code too_large.
func (a *answer) Read(p []byte) (int, error) {
	if a.most == 0 {
		return a.ReadCloser.Read(p)
	}
	if int64(len(p)) > a.left+1 { // one more byte shows whether the body continues
		p = p[:a.left+1]
	}
	n, err := a.ReadCloser.Read(p)
	if int64(n) > a.left {
		return int(a.left), a.tooLarge()
	}
	a.left -= int64(n)
	return n, err
}

func (a *answer) tooLarge() error {
	return problem.New(problem.TooLarge, "%s sent more than %s.", a.host, fmt.Sprintf("%d KiB", a.most>>10))
}

// Close closes the body and ends the request.
func (a *answer) Close() error {
	defer a.cancel()
	return a.ReadCloser.Close()
}
