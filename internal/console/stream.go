package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
)

// recheck is how often the session of an event stream is looked up again.
const recheck = 2 * time.Second

// streams lets a handler send events. The visit that it gets ends after an hour
// and with the session; it holds no place among the requests of its workspace.
func (c *Console) streams(handle handler) handler {
	return func(w http.ResponseWriter, v *visit) error {
		ctx, cancel, err := limitsOf(v.Request).Stream(v.Context(), v.actor.ID)
		defer cancel()
		if err != nil {
			return err
		}
		streaming := *v
		streaming.Request = v.WithContext(ctx)
		go c.endWithSession(streaming.Request, cancel, v.actor.Role)
		return handle(w, &streaming)
	}
}

// endWithSession cancels when the session has ended or the member's role
// changed.
func (c *Console) endWithSession(r *http.Request, cancel context.CancelFunc, role access.Role) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
		now, err := c.visit(r)
		if err != nil || now.actor.Role != role {
			cancel()
			return
		}
	}
}

// stream sends server-sent events.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type stream struct {
	w       http.ResponseWriter
	flusher *http.ResponseController
	begun   bool
	place   string // of the next event; a reader that comes again says it as Last-Event-ID
}

func newStream(w http.ResponseWriter) *stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies that collect answers make events late
	return &stream{w: w, flusher: http.NewResponseController(w)}
}

// errGone ends a stream whose reader is gone.
var errGone = errors.New("the reader is gone")

// end is how a handler leaves a stream. What went wrong before anything was
// sent still becomes an error page; afterwards the reader asks again.
func (s *stream) end(err error) error {
	if s.begun {
		return nil
	}
	return err
}

// event sends one event; an empty name is that of a plain message, which htmx
// swaps in.
func (s *stream) event(name, data string) error {
	var out strings.Builder
	if name != "" {
		out.WriteString("event: " + name + "\n")
	}
	if s.place != "" {
		out.WriteString("id: " + s.place + "\n")
	}
	for line := range strings.Lines(data) {
		out.WriteString("data: " + strings.TrimRight(line, "\r\n") + "\n")
	}
	s.begun = true
	if _, err := s.w.Write([]byte(out.String() + "\n")); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if err := s.flusher.Flush(); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

func (c *Console) sendFragment(stream *stream, page, template string, data any) error {
	var out bytes.Buffer
	if err := c.renderer.render(&out, page, template, data); err != nil {
		return err
	}
	return stream.event("", out.String())
}
