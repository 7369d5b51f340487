package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// eventStream is an answer of server-sent events. It begins with the first event.
type eventStream struct {
	w     http.ResponseWriter
	begun bool
}

// sendEvents sends the events of watch until watch returns or the sender of the request may
// read no more. An error after the first event just ends the stream: the client asks
// again.
func (a *API) sendEvents(w http.ResponseWriter, r *http.Request, call Call,
	watch func(context.Context, *eventStream) error,
) error {
	ctx, cancel, err := a.stream(r, &call.Actor)
	defer cancel()
	if err != nil {
		return err
	}
	s := &eventStream{w: w}
	if err := watch(ctx, s); !s.begun {
		return err
	}
	return nil
}

// send adds an event.
func (s *eventStream) send(event string, document any) {
	s.begin()
	writeEvent(s.w, event, document)
}

func writeEvent(w http.ResponseWriter, event string, document any) {
	text, err := json.Marshal(document)
	if err == nil {
		_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text)
	}
}

// flush sends what was added.
func (s *eventStream) flush() {
	s.begin()
	_ = http.NewResponseController(s.w).Flush() // a client that left is noticed through the context
}

func (s *eventStream) begin() {
	if !s.begun {
		s.begun = true
		setEventStream(s.w.Header())
	}
}

// setEventStream sets the header of server-sent events.
func setEventStream(header http.Header) {
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // prevents proxies from buffering events
}
