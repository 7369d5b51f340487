package transfer_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestQuietAnswers uses handlers that are silent for longer than a client may
// be: before the first byte, and between two events. Over HTTP/2 a deadline
// ends a stream when it passes, also while nothing is being written.
func TestQuietAnswers(t *testing.T) {
	t.Parallel()
	for name, tls := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, hasty, tls, func(w http.ResponseWriter, _ *http.Request) error {
				time.Sleep(3 * hasty.WriteIdle)
				_, _ = io.WriteString(w, "one ")
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
				time.Sleep(3 * hasty.WriteIdle)
				_, err := io.WriteString(w, strings.Repeat("two ", 10))
				return err
			})
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := p.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || string(text) != "one "+strings.Repeat("two ", 10) ||
				response.ProtoMajor != map[bool]int{false: 1, true: 2}[tls] {
				t.Errorf("HTTP/%d: %q, %v", response.ProtoMajor, text, err)
			}
			if err := <-p.ended; err != nil {
				t.Errorf("the handler ended with %v", err)
			}
		})
	}
}

// TestQuietReader uses a handler that stops reading for longer than a client may
// be silent.
func TestQuietReader(t *testing.T) {
	t.Parallel()
	for name, tls := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := hasty
			config.Whole = time.Minute
			p := serve(t, config, tls, func(_ http.ResponseWriter, r *http.Request) error {
				for range 2 {
					time.Sleep(2 * hasty.ReadIdle)
					if _, err := io.ReadFull(r.Body, make([]byte, 100)); err != nil {
						return err
					}
				}
				return nil
			})
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL,
				strings.NewReader(strings.Repeat("x", 1<<20)))
			if err != nil {
				t.Fatal(err)
			}
			response, err := p.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if err := <-p.ended; err != nil {
				t.Errorf("the handler ended with %v", err)
			}
		})
	}
}
