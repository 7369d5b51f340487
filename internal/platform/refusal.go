package platform

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Refusal is an error as the platform's clients read it.
type Refusal struct {
	Status int
	Code   problem.Code
	Detail string
	Hint   string
	Errors []problem.Finding
}

// Document is a refusal as JSON.
type Document struct {
	Success bool              `json:"success"          doc:"Always false."`
	Message string            `json:"message"          doc:"What happened, and the next step, in at most 300 characters."`
	Code    problem.Code      `json:"code"`
	Errors  []problem.Finding `json:"errors,omitempty"`
}

// maxText is the most characters of an error.
const maxText = 300

// Write writes the refusal: a short text, or JSON if the client prefers it.
func (f Refusal) Write(w http.ResponseWriter, r *http.Request) {
	text := f.text()
	w.Header().Set("Cache-Control", "no-store")
	if !prefersJSON(r.Header.Get("Accept")) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(text))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	_ = json.NewEncoder(w).Encode(Document{Message: text, Code: f.Code, Errors: f.Errors})
}

func (f Refusal) text() string {
	text := f.Detail
	if f.Hint != "" {
		text = strings.TrimSuffix(text, ".") + ". " + f.Hint
	}
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}

// prefersJSON reports whether an Accept header names JSON before plain text and
// before anything.
func prefersJSON(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		media, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "application/json", "application/problem+json":
			return true
		case "text/plain", "text/*", "*/*":
			return false
		}
	}
	return false
}
