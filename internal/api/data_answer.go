package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// maxQuery limits the query string of a read.
const maxQuery = 64 << 10

// longQuery is the reason of the error for longer ones.
const longQuery = "query_string"

// readParametersOf returns the parameters of a read.
func readParametersOf(r *http.Request) (url.Values, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, problem.New(problem.TooLarge, "The query string has %d bytes; a read takes at most %d.",
			len(r.URL.RawQuery), maxQuery).WithReason(longQuery).WithHint("Use fewer values, or SQL.")
	}
	e := exchangeOf(r.Context())
	if e.query == nil {
		if err := e.parseQuery(r); err != nil {
			return nil, err
		}
	}
	return e.query, nil
}

// prefersCount reports whether the client prefers count=exact (RFC 7240).
func prefersCount(r *http.Request) bool { return door.Prefers(r, "count", "exact") }

// answerData writes the rows of a read, unless the client already has them.
func (a *API) answerData(w http.ResponseWriter, r *http.Request, call Call, answer *delivery.Answer) error {
	h := w.Header()
	encoding := identity
	if answer.Compresses() {
		encoding = acceptedEncoding(r.Header)
	}
	tag := answer.ETag(encoding)
	if version, ok := answer.Version(); ok {
		h.Set("Windlass-Dataset-Version", strconv.FormatInt(version, 10))
	}
	setCaching(h, &call.Actor, senderFrom(r.Context()).inQuery)
	if answer.Polls() {
		h.Set("Cache-Control", "no-store") // every answer differs
	} else {
		h.Set("ETag", tag)
	}
	if !answer.Polls() && hasTag(r.Header, tag) {
		defer func() { _ = answer.Close() }()
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if answer.Stream() && r.Method == http.MethodHead && !answer.Counts() {
		defer func() { _ = answer.Close() }()
		h.Set("Content-Type", answer.ContentType())
		setEncoding(h, encoding)
		return nil
	}
	if err := answer.Load(r.Context()); err != nil {
		_ = answer.Close()
		return a.refuseRead(w, r, err)
	}
	h.Set("Content-Type", answer.ContentType())
	if answer.PreferredCount() {
		h.Set("Preference-Applied", "count=exact")
	}
	if answer.Stream() {
		return a.streamData(w, r, answer, encoding)
	}
	return a.pageData(w, r, answer, encoding) //nolint:contextcheck // the request carries the context
}

// streamData writes rows while they are read.
func (a *API) streamData(w http.ResponseWriter, r *http.Request, answer *delivery.Answer,
	encoding string,
) error {
	setRange(w.Header(), answer)
	setEncoding(w.Header(), encoding)
	if r.Method == http.MethodHead {
		return answer.Close()
	}
	return a.streamRows(w, r, &encoded{answer, encoding}, streamTime)
}

// encoded is a stream in an encoding.
type encoded struct {
	*delivery.Answer
	encoding string
}

// Write writes the rows.
func (e *encoded) Write(ctx context.Context, w io.Writer) error {
	c := newCompressor(w, e.encoding, nil)
	if err := e.Answer.Write(ctx, c); err != nil {
		return err // the body must end here
	}
	if err := c.Close(); err != nil {
		return err
	}
	return e.Advance(ctx) // before the client sees that the answer is complete
}

// pageData reads all rows and then writes them.
func (a *API) pageData(w http.ResponseWriter, r *http.Request, answer *delivery.Answer,
	encoding string,
) error {
	h := w.Header()
	err := a.spooled(w, r, func(w io.Writer) (answered bool, err error) {
		c := newCompressor(w, encoding, func() { setEncoding(h, encoding) })
		err = answer.Write(r.Context(), c)
		if answered = answer.ReportsError(err); answered {
			a.config.Logger.ErrorContext(r.Context(), telemetry.AnswerCutOff, "cause",
				err)
			h.Del("ETag")
			h.Set("Cache-Control", "no-store")
		}
		setRange(h, answer)
		setNext(h, r, answer)
		return answered, errors.Join(err, c.Close())
	}, answer.Close, !answer.Polls())
	if err != nil {
		return a.refuseRead(w, r, err)
	}
	return a.advance(r, answer)
}

// advance saves how far an answer with a queryId has read. It must be called before
// the client sees that the answer is complete: the body has no length, and ends
// when the handler returns.
func (a *API) advance(r *http.Request, answer *delivery.Answer) error {
	if !answer.Polls() || r.Method == http.MethodHead || r.Context().Err() != nil {
		return nil
	}
	if err := answer.Advance(r.Context()); err != nil {
		a.config.Logger.ErrorContext(r.Context(), telemetry.AnswerCutOff, "cause", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// refuseRead refuses a read whose headers are already set.
func (a *API) refuseRead(w http.ResponseWriter, r *http.Request, err error) error {
	for _, name := range []string{"ETag", "Content-Encoding", "Content-Range", "Link", "Windlass-Next-Cursor"} {
		w.Header().Del(name)
	}
	return a.refuseData(w, r, err)
}

func setEncoding(h http.Header, encoding string) {
	if encoding != identity {
		h.Set("Content-Encoding", encoding)
	}
}

// setCaching sets which caches may store an answer, and for how long.
func setCaching(h http.Header, actor *access.Actor, inQuery bool) {
	control, vary := "private, no-cache", "Accept, Accept-Encoding, Authorization, Origin"
	if actor.Kind == access.Publishable {
		scope, age := "private, ", "no-cache"
		if actor.CacheSeconds > 0 {
			age = "max-age=" + strconv.Itoa(actor.CacheSeconds)
		}
		referers := actor.Pages != nil && actor.Pages.HasReferers()
		if inQuery && actor.Pages != nil && actor.Pages.AllowsEvery() && !referers {
			scope = "public, "
		}
		control = scope + age
		if referers {
			vary += ", Referer"
		}
	}
	h.Set("Cache-Control", control)
	h.Set("Vary", vary)
}

// hasTag reports whether the client has an answer with this tag (RFC 9110, section
// 13.1.2).
func hasTag(header http.Header, tag string) bool {
	for part := range strings.SplitSeq(strings.Join(header.Values("If-None-Match"), ","), ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// setRange sets Content-Range, if the request counts rows.
func setRange(h http.Header, answer *delivery.Answer) {
	if text := answer.Range(); text != "" {
		h.Set("Content-Range", text)
	}
}

// setNext adds a link to the following rows.
func setNext(h http.Header, r *http.Request, answer *delivery.Answer) {
	if answer.Truncated() {
		h.Set("Windlass-Truncated", "true")
	}
	cursor := answer.Next()
	if cursor == "" {
		return
	}
	h.Set("Windlass-Next-Cursor", cursor)
	values := r.URL.Query()
	for name := range values {
		switch strings.ToLower(name) {
		case "token", "callback", "offset", "cursor":
			values.Del(name)
		}
	}
	query := values.Encode()
	if query != "" {
		query += "&"
	}
	h.Set("Link", "<"+r.URL.EscapedPath()+"?"+query+"cursor="+cursor+`>; rel="next"`)
}
