// Package secret has the type of what must never be shown: it prints, logs
// and marshals as "[redacted]".
package secret

import (
	"crypto/subtle"
	"log/slog"
)

const redacted = "[redacted]"

// String is a secret text. Only [String.Reveal] gives it out, so that a search
// for that name finds every place where a secret leaves.
type String struct{ text string }

// New makes a secret of text.
func New(text string) String { return String{text} }

// Reveal gives the secret itself.
func (s String) Reveal() string { return s.text }

// IsZero says whether the secret is empty.
func (s String) IsZero() bool { return s.text == "" }

// Equal compares in a time that depends on the lengths alone.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.text), []byte(other.text)) == 1
}

// String gives "[redacted]".
func (String) String() string { return redacted }

// GoString gives "[redacted]".
func (String) GoString() string { return redacted }

// MarshalText gives "[redacted]".
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives "[redacted]".
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }
