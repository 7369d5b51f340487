package dial

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// dialProxy asks the proxy for a tunnel to an address. The proxy looks the
// name up again and may get another address, so it must refuse private ranges
// itself. All addresses of the name must be allowed here, because the proxy
// chooses one.
func (c *carrier) dialProxy(ctx context.Context, host, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout+handshakeTimeout)
	defer cancel()
	if err := c.judgeAll(ctx, host, address); err != nil {
		return nil, err
	}
	conn, err := c.connectProxy(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = tunnel(conn, c.guard.config.Proxy.User, address)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// judgeAll looks a name up and judges all its addresses.
func (c *carrier) judgeAll(ctx context.Context, host, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ips, err := c.guard.config.Resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(ips) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	if err != nil {
		return err
	}
	var first error
	for _, ip := range ips {
		if err := c.judge(ctx, host, net.JoinHostPort(ip.Unmap().String(), port), ip); err != nil {
			first = cmp.Or(first, err)
		}
	}
	return first
}

// connectProxy connects to the proxy, which is the operator's own address.
func (c *carrier) connectProxy(ctx context.Context) (net.Conn, error) {
	proxy := c.guard.config.Proxy
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if proxy.Scheme != "https" {
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), "80")))
	}
	secure := &tls.Dialer{NetDialer: dialer, Config: &tls.Config{
		RootCAs:    c.guard.config.RootCAs,
		ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12,
	}}
	return secure.DialContext(ctx, "tcp", net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), "443")))
}

// tunnel sends CONNECT (RFC 9110, section 9.3.6).
func tunnel(conn net.Conn, user *url.Userinfo, address string) error {
	request := &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address,
		Header: http.Header{"User-Agent": {"windlass"}},
	}
	if user != nil {
		password, _ := user.Password()
		signed := &http.Request{Header: http.Header{}}
		signed.SetBasicAuth(user.Username(), password)
		request.Header.Set("Proxy-Authorization", signed.Header.Get("Authorization"))
	}
	if err := request.Write(conn); err != nil {
		return fmt.Errorf("opening a tunnel through the proxy:  %w", err)
	}
	reader := bufio.NewReader(io.LimitReader(conn, maxHeaderBytes))
	response, err := http.ReadResponse(reader, request) //nolint:bodyclose // the tunnel follows the headers
	if err != nil {
		return fmt.Errorf("reading the proxy's response:  %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy responded to CONNECT with %s", response.Status)
	}
	if reader.Buffered() > 0 {
		return errors.New("the proxy sent bytes before the tunnel was open")
	}
	return nil
}
