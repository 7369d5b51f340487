// Package secret has the type of what must never be shown: it prints, logs
// and marshals as "[redacted]".
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// String is a secret text. Only [String.Reveal] gives it out, so that a search
// for that name finds every place where a secret leaves.
type String struct {
	text *string // behind a pointer: fmt shows what stands in unexported fields, and calls none of its methods
}

// New makes a secret of text.
func New(text string) String { return String{&text} }

// Reveal gives the secret itself.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero says whether the secret is empty.
func (s String) IsZero() bool { return s.Reveal() == "" }

// Equal compares in a time that depends on the lengths alone.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String gives "[redacted]".
func (String) String() string { return redacted }

// GoString gives "[redacted]".
func (String) GoString() string { return redacted }

// Format writes "[redacted]", whatever the verb: fmt shows the insides of a
// Stringer for those that do not suit a string, such as %d.
func (String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText gives "[redacted]".
func (String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives "[redacted]".
func (String) LogValue() slog.Value { return slog.StringValue(redacted) }
