package shell

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// downloadTime limits a download.
const downloadTime = 30 * time.Minute

// Download sends a file that is written while it is read. An error before the
// first byte is returned. A later one closes the connection, so that a partial
// file never looks complete.
func (s *Shell) Download(w http.ResponseWriter, v *Visit, kind, name string,
	write func(ctx context.Context, w io.Writer) error,
) error {
	ctx, cancel := context.WithTimeout(v.Context(), downloadTime)
	defer cancel()
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := &taken{w: w}
	err := write(ctx, out)
	if err == nil || !out.begun {
		return err
	}
	if v.Context().Err() == nil { // otherwise the client left
		s.config.Logger.ErrorContext(v.Context(), telemetry.AnswerCutOff, "cause", err)
	}
	panic(http.ErrAbortHandler)
}

// taken records whether a byte of a file was written.
type taken struct {
	w     io.Writer
	begun bool
}

// Write writes.
func (t *taken) Write(p []byte) (int, error) {
	t.begun = true
	return t.w.Write(p)
}
