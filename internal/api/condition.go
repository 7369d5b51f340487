package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/problem"
)

// conditional has the methods that support If-Match.
var conditional = []string{http.MethodPatch, http.MethodPut, http.MethodDelete}

// unversioned has members of documents that change without an edit. The ETag
// ignores them, so that an edit isn't refused because a load has run.
var unversioned = []string{
	"bytes", "hint", "last_run", "loaded_at", "next_runs", "rows", "signed_in_at", "suggestion", "used_at",
	"verified_at", "version",
}

// annotate sets the headers of documents: ETag on those that can be edited,
// Location on those that were created.
func (a *API) annotate(ctx huma.Context, status string, v any) (any, error) {
	op := ctx.Operation()
	switch {
	case op == nil || v == nil:
	case status == "200" && a.isEdited(op.Path) && (op.Method == http.MethodGet || a.returnsDocument(op)):
		tag, err := documentTag(v)
		if err != nil {
			return nil, err
		}
		ctx.SetHeader("ETag", tag)
	case status == "201":
		u := ctx.URL()
		if place := a.locationOf(u.EscapedPath(), v); place != "" {
			ctx.SetHeader("Location", place)
		}
	}
	return v, nil
}

// isEdited reports whether a path has a method that supports If-Match.
func (a *API) isEdited(path string) bool {
	return slices.ContainsFunc(conditional, func(method string) bool {
		return slices.Contains(a.mux.patterns, method+" "+path)
	})
}

// returnsDocument reports whether an edit returns the same document as GET.
func (a *API) returnsDocument(op *huma.Operation) bool {
	item := a.huma.OpenAPI().Paths[op.Path]
	if op.Method != http.MethodPatch && op.Method != http.MethodPut || item == nil || item.Get == nil {
		return false
	}
	schema := schemaOf(op)
	return schema != "" && schema == schemaOf(item.Get)
}

// schemaOf returns the name of the document that an operation returns, or "".
func schemaOf(op *huma.Operation) string {
	ok := op.Responses["200"]
	if ok == nil || ok.Content["application/json"] == nil || ok.Content["application/json"].Schema == nil {
		return ""
	}
	return ok.Content["application/json"].Schema.Ref
}

// documentTag returns the strong entity tag of a document's settings.
func documentTag(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return "", err
	}
	if text, err = json.Marshal(settingsOf(document)); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, nil
}

// settingsOf removes the members that change without an edit.
func settingsOf(document any) any {
	switch d := document.(type) {
	case map[string]any:
		for name, value := range d {
			if slices.Contains(unversioned, name) {
				delete(d, name)
			} else {
				d[name] = settingsOf(value)
			}
		}
	case []any:
		for i := range d {
			d[i] = settingsOf(d[i])
		}
	case string: // times are stored in microseconds
		if t, err := time.Parse(time.RFC3339Nano, d); err == nil {
			return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
		}
	}
	return document
}

// locationOf returns the path of the resource that a request created: its own
// path, or the nearest parent path that has a GET.
func (a *API) locationOf(path string, v any) string {
	text, err := json.Marshal(v)
	var document struct {
		ID string `json:"id"`
	}
	if err != nil || json.Unmarshal(text, &document) != nil { // not an object
		return ""
	}
	if document.ID != "" {
		path += "/" + url.PathEscape(document.ID)
	}
	for ; strings.Count(path, "/") > 3; path = path[:strings.LastIndexByte(path, '/')] {
		plain, err := url.PathUnescape(path)
		if err != nil {
			return ""
		}
		probe := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: plain, RawPath: path}}
		if a.mux.serves(probe) {
			return path
		}
	}
	return ""
}

// edit serves an edit. With If-Match, it does so only if the document has one of
// the tags. Edits of the same document with If-Match wait for each other.
func (a *API) edit(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	tags := r.Header.Values("If-Match")
	if len(tags) == 0 || !slices.Contains(conditional, r.Method) {
		serve(w, r)
		return
	}
	if a.config.Idempotency != nil {
		ctx := r.Context()
		run, err := a.editing(ctx, r.URL.Path)
		if err != nil {
			a.writeError(w, r, err)
			return
		}
		defer func() { a.endOnce(ctx, run.Release(ctx)) }()
	}
	current := a.read(r)
	switch tag := current.header.Get("ETag"); {
	case current.status >= http.StatusBadRequest:
		current.copyTo(w) // as if it had been read
	case tag == "" || !matches(tags, tag):
		a.writeError(
			w,
			r,
			problem.New(problem.Precondition, "%s has changed: its ETag no longer matches If-Match.",
				r.URL.Path).WithReason("etag_changed").WithHint("Get it again, and repeat the edit with its ETag."),
		)
	default:
		serve(w, r)
	}
}

// matches reports whether If-Match has a tag (RFC 9110, section 13.1.1).
func matches(values []string, tag string) bool {
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if part = strings.TrimSpace(part); part == "*" || part == tag {
			return true
		}
	}
	return false
}

// read serves a GET of the same path with the same token.
func (a *API) read(r *http.Request) *readAnswer {
	get := r.Clone(r.Context())
	get.Method, get.Body, get.ContentLength, get.URL.RawQuery = http.MethodGet, http.NoBody, 0, ""
	for _, name := range []string{"If-Match", keyHeader, "Prefer", "Content-Type", "Content-Length"} {
		get.Header.Del(name)
	}
	answer := &readAnswer{header: http.Header{}}
	a.mux.ServeHTTP(answer, get)
	return answer
}

// readAnswer is an answer in memory.
type readAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header.
func (a *readAnswer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *readAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write keeps the bytes.
func (a *readAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *readAnswer) copyTo(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // the client may have disconnected
}
