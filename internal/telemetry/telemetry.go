// Package telemetry has the log: one structured record a line, whose messages
// are the constants of this package. Package metrics below it counts.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"
)

// Logger returns the log. format is "json", else text; level is a level's
// name in log/slog, else info. Records have the attributes of their context;
// see [With].
func Logger(w io.Writer, format, level string) *slog.Logger {
	var threshold slog.Level
	if threshold.UnmarshalText([]byte(level)) != nil {
		threshold = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: threshold}
	if format == "json" {
		return slog.New(contextHandler{slog.NewJSONHandler(w, options)})
	}
	return slog.New(contextHandler{slog.NewTextHandler(w, options)})
}

// AttributesKey is the key of the value with a context's attributes, a []slog.Attr.
type AttributesKey struct{}

// With returns a context whose log records have these attributes after those
// of ctx.
func With(ctx context.Context, attributes ...slog.Attr) context.Context {
	return context.WithValue(ctx, AttributesKey{}, slices.Concat(Attributes(ctx), attributes))
}

// Attributes returns the attributes of a context's log records. They are shared and
// must not be changed.
func Attributes(ctx context.Context) []slog.Attr {
	attributes, _ := ctx.Value(AttributesKey{}).([]slog.Attr)
	return attributes
}

// contextHandler adds the attributes of a record's context.
type contextHandler struct{ slog.Handler }

// Handle writes a record with the attributes of ctx.
func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if attributes := Attributes(ctx); len(attributes) > 0 {
		record = record.Clone()
		record.AddAttrs(attributes...)
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs returns a handler whose records all have these attributes.
func (h contextHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attributes)}
}

// WithGroup returns a handler that puts attributes into a group.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
