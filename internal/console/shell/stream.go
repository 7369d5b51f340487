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

// recheck is the interval for looking up the session of an event stream again.
const recheck = 2 * time.Second

// Streams lets a handler send events. Its visit ends after an hour or with the
// session, and doesn't count as a request of the workspace.
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
	Place   string // ID of the next event; a browser that reconnects sends it as Last-Event-ID
}

// NewStream begins a stream of events.
func NewStream(w http.ResponseWriter) *Stream {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // prevents proxies from buffering events
	return &Stream{w: w, flusher: http.NewResponseController(w)}
}

// errGone ends a stream whose client has disconnected.
var errGone = errors.New("the client disconnected")

// End ends a stream; handlers return its result. An error before anything was
// sent still becomes an error page. After that, the browser reconnects.
func (s *Stream) End(err error) error {
	if s.begun {
		return nil
	}
	return err
}

// Event sends one event. Without a name it is a plain message, which htmx
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
