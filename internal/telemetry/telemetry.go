// Package telemetry sets up what the service says of itself: one structured
// log.
package telemetry

import (
	"io"
	"log/slog"
)

// Logger makes the log. format is "json", else text; level is a name of
// log/slog's, else info.
func Logger(w io.Writer, format, level string) *slog.Logger {
	var threshold slog.Level
	if threshold.UnmarshalText([]byte(level)) != nil {
		threshold = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: threshold}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
