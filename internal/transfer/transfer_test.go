package transfer_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/transfer"
)

// patience is a server that disconnects slow clients early, and records their
// number.
type patience struct {
	*httptest.Server
	slow  chan string
	ended chan error // of the handler's last read or write
}

func serve(t *testing.T, config transfer.Config, tls bool,
	handle func(w http.ResponseWriter, r *http.Request) error,
) *patience {
	t.Helper()
	p := &patience{slow: make(chan string, 10), ended: make(chan error, 10)}
	config.Now = time.Now
	config.Slow = func(_ context.Context, reason string) { p.slow <- reason }
	p.Server = httptest.NewUnstartedServer(transfer.Handler(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request,
	) {
		p.ended <- handle(w, r)
	}), config))
	if tls {
		p.EnableHTTP2 = true
		p.StartTLS()
	} else {
		p.Start()
	}
	t.Cleanup(p.Close)
	return p
}

// hasty is a configuration with deadlines that a test can wait for.
var hasty = transfer.Config{
	ReadIdle: 300 * time.Millisecond, WriteIdle: 300 * time.Millisecond, Whole: time.Second,
	MinRate: 16 << 10, Grace: 500 * time.Millisecond,
}

// connect opens a connection and sends the head of a request.
func (p *patience) connect(t *testing.T, head string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, head+"\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

func readAll(_ http.ResponseWriter, r *http.Request) error {
	_, err := io.Copy(io.Discard, r.Body)
	return err
}

func readUpload(w http.ResponseWriter, r *http.Request) error {
	transfer.Upload(r)
	return readAll(w, r)
}

// TestAttackSlowBody sends bodies that never end.
func TestAttackSlowBody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		handle func(http.ResponseWriter, *http.Request) error
		pause  time.Duration // between two bytes; 0: nothing is sent
	}{
		"silence":                    {readAll, 0},
		"a document byte by byte":    {readAll, 20 * time.Millisecond},
		"silence of an upload":       {readUpload, 0},
		"an upload below the rate":   {readUpload, 20 * time.Millisecond},
		"an upload in chunks, so on": {readUpload, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, hasty, false, tc.handle)
			conn := p.connect(t, "POST / HTTP/1.1\r\nContent-Length: 100000")
			go func() {
				for tc.pause > 0 {
					if _, err := conn.Write([]byte("x")); err != nil {
						return
					}
					time.Sleep(tc.pause)
				}
			}()
			select {
			case err := <-p.ended:
				var timeout net.Error
				if problem.From(err).Code != problem.Invalid || !asTimeout(err, &timeout) {
					t.Errorf("the body ended with %v", err)
				}
			case <-time.After(15 * time.Second):
				t.Fatal("the body is still awaited")
			}
			if got := <-p.slow; got != transfer.ReasonBody {
				t.Errorf("noticed as %s", got)
			}
		})
	}
}

func asTimeout(err error, target *net.Error) bool {
	e, ok := err.(net.Error) //nolint:errorlint // huma looks at the error itself
	*target = e
	return ok && e.Timeout()
}

// TestAttackSlowRefusedBody announces a body for a request that is refused
// without reading it, and checks that the connection ends.
func TestAttackSlowRefusedBody(t *testing.T) {
	t.Parallel()
	p := serve(t, hasty, false, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusUnauthorized)
		return nil
	})
	conn := p.connect(t, "POST / HTTP/1.1\r\nContent-Length: 1000")
	text, err := io.ReadAll(conn) // to the end of the connection
	if err != nil || len(text) > 0 && !strings.Contains(string(text), "401") {
		t.Errorf("the answer is %q, %v", text, err)
	}
}

// TestAttackRefusedBody checks that a refusal is sent while the body is
// missing and ends the connection, and that a response to a body that was
// read leaves it open.
func TestAttackRefusedBody(t *testing.T) {
	t.Parallel()
	patient := hasty
	patient.ReadIdle, patient.Whole = time.Hour, time.Hour
	for name, tc := range map[string]struct {
		read   bool
		status int
		closed bool
	}{
		"refused":            {false, http.StatusUnauthorized, true},
		"refused, when read": {true, http.StatusUnprocessableEntity, false},
		"answered":           {true, http.StatusOK, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, patient, false, func(w http.ResponseWriter, r *http.Request) error {
				if tc.read {
					if _, err := io.ReadAll(r.Body); err != nil {
						return err
					}
				}
				w.WriteHeader(tc.status)
				return nil
			})
			conn := p.connect(t, "POST / HTTP/1.1\r\nContent-Length: 2")
			if tc.read {
				if _, err := io.WriteString(conn, "{}"); err != nil {
					t.Fatal(err)
				}
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tc.status || response.Close != tc.closed {
				t.Errorf("the answer is %s, and closes: %t", response.Status, response.Close)
			}
		})
	}
}

// TestAttackSlowReader receives nothing of an endless response, over HTTP/1.1
// and HTTP/2.
func TestAttackSlowReader(t *testing.T) {
	t.Parallel()
	endless := func(w http.ResponseWriter, _ *http.Request) error {
		text := make([]byte, 1<<20)
		for {
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
	}
	for name, secure := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, hasty, secure, endless)
			if secure {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := p.Client().Do(request)
				if err != nil || response.ProtoMajor != 2 {
					t.Fatalf("%v, %v", response, err)
				}
				t.Cleanup(func() { _ = response.Body.Close() })
			} else {
				p.connect(t, "GET / HTTP/1.1")
			}
			select {
			case err := <-p.ended:
				if err == nil {
					t.Error("an answer without an end was written")
				}
			case <-time.After(15 * time.Second):
				t.Fatal("the answer is still being written")
			}
		})
	}
}

// TestSteady checks that slow clients that continue aren't disconnected.
func TestSteady(t *testing.T) {
	t.Parallel()
	config := hasty
	config.MinRate, config.Whole = 100, 5*time.Minute
	p := serve(t, config, false, func(w http.ResponseWriter, r *http.Request) error {
		if err := readUpload(w, r); err != nil {
			return err
		}
		for range 20 { // longer than a write's deadline altogether
			if _, err := fmt.Fprintln(w, strings.Repeat("x", 100)); err != nil {
				return err
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			time.Sleep(30 * time.Millisecond)
		}
		return nil
	})
	conn := p.connect(t, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1000")
	for range 20 {
		if _, err := conn.Write(make([]byte, 50)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Millisecond)
	}
	text, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil || strings.Count(string(text), "x") < 2000 {
		t.Errorf("it got %d bytes, %v", len(text), err)
	}
	if err := <-p.ended; err != nil {
		t.Error(err)
	}
	select {
	case reason := <-p.slow:
		t.Errorf("cut off: %s", reason)
	default:
	}
}

// TestKeepAlive uses a connection again after a time that is longer than the
// deadlines of the request before.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	p := serve(t, hasty, false, func(w http.ResponseWriter, r *http.Request) error {
		_ = readAll(w, r)
		time.Sleep(500 * time.Millisecond) // work without reading or writing
		if err := r.Context().Err(); err != nil {
			return fmt.Errorf("the request was given up: %w", err)
		}
		_, err := io.WriteString(w, "ok")
		return err
	})
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL, strings.NewReader("text"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := p.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || string(text) != "ok" {
			t.Errorf("got %q, %v", text, err)
		}
		if err := <-p.ended; err != nil {
			t.Error(err)
		}
		time.Sleep(500 * time.Millisecond)
	}
}
