// Package secret defines a string type for secrets. It prints, logs and
// marshals as "[redacted]".
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// String is a secret. Only [String.Reveal] returns its text, so that a search
// for that name finds every use.
type String struct {
	text *string // a pointer, because fmt prints unexported fields without calling their methods
}

// New returns a secret with this text.
func New(text string) String { return String{&text} }

// Reveal returns the text of the secret.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s String) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether the secrets are equal. Its time depends only on their
// lengths.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]".
func (String) String() string { return redacted }

// GoString returns "[redacted]".
func (String) GoString() string { return redacted }

// Format writes "[redacted]" for every verb. For verbs such as %d, fmt would
// print the fields of a Stringer.
func (String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]".
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }
