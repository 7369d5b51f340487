package shell

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

// Streams lets a handler send events. The visit that it gets ends after an hour
// and with the session; it holds no place among the requests of its workspace.
func (s *Shell) Streams(handle Handler) Handler {
	return func(w http.ResponseWriter, v *Visit) error {
		ctx, cancel, err := LimitsOf(v.Request).Stream(v.Context(), v.Actor.ID)
		defer cancel()
		if err != nil {
			return err
		}
		streaming := *v
		streaming.Request = v.WithContext(ctx)
		go s.endWithSession(streaming.Request, cancel, v.Actor.Role)
		return handle(w, &streaming)
	}
}

// endWithSession cancels when the session has ended or the member's role
// changed.
func (s *Shell) endWithSession(r *http.Request, cancel context.CancelFunc, role access.Role) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
		now, err := s.Visit(r)
		if err != nil || now.Actor.Role != role {
			cancel()
			return
		}
	}
}

// Stream sends server-sent events.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type Stream struct {
	w       http.ResponseWriter
	flusher *http.ResponseController
	begun   bool
	Place   string // of the next event; a reader that comes again says it as Last-Event-ID
}

// NewStream begins a stream of events.
func NewStream(w http.ResponseWriter) *Stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies that collect answers make events late
	return &Stream{w: w, flusher: http.NewResponseController(w)}
}

// errGone ends a stream whose reader is gone.
var errGone = errors.New("the client disconnected")

// End is how a handler leaves a stream. What went wrong before anything was
// sent still becomes an error page; afterwards the reader asks again.
func (s *Stream) End(err error) error {
	if s.begun {
		return nil
	}
	return err
}

// Event sends one event; an empty name is that of a plain message, which htmx
// swaps in.
func (s *Stream) Event(name, data string) error {
	var out strings.Builder
	if name != "" {
		out.WriteString("event: " + name + "\n")
	}
	if s.Place != "" {
		out.WriteString("id: " + s.Place + "\n")
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

// SendFragment sends a template of a page as an event.
func (s *Shell) SendFragment(stream *Stream, page, template string, data any) error {
	var out bytes.Buffer
	if err := s.renderer.Render(&out, page, template, data); err != nil {
		return err
	}
	return stream.Event("", out.String())
}
