// Package traces records spans of the service's work and sends them to an
// OpenTelemetry collector, when the standard variables name one. Without them,
// spans cost nothing.
package traces

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// stopTime limits how long the last spans are sent at the end of the process.
const stopTime = 5 * time.Second

// tracer creates the spans; nil while no collector is named.
var tracer atomic.Pointer[trace.Tracer]

// Config describes the process in its spans.
type Config struct {
	Version string
	Logger  *slog.Logger
}

// Start sends the spans of this process to the collector that
// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names. stop sends
// the last ones. See
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
func Start(ctx context.Context, config Config) (stop func(), err error) {
	if !isNamed() {
		return func() {}, nil
	}
	if protocol := standard("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, problem.New(problem.Invalid, "Traces can't be sent by the protocol %q.", protocol).
			WithHint("Set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf.")
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the exporter of traces: %w", err)
	}
	machine, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("finding the name of this machine: %w", err)
	}
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "windlass"), attribute.String("service.version", config.Version),
		attribute.String("service.instance.id", machine),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("reading OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		config.Logger.Warn(telemetry.TracesNotSent, "cause", err)
	}))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described))
	made := provider.Tracer("github.com/windlass-io/windlass")
	tracer.Store(&made)
	return func() {
		tracer.Store(nil)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			config.Logger.WarnContext(ctx, telemetry.TracesNotSent, "cause", err)
		}
	}, nil
}

// standard returns a setting of the exporter: for traces, or else for everything.
func standard(name string) string {
	return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
}

// isNamed reports whether the variables name a collector, and traces aren't turned off.
func isNamed() bool {
	return standard("ENDPOINT") != "" && os.Getenv("OTEL_TRACES_EXPORTER") != "none" &&
		!strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true")
}

// On reports whether spans are recorded.
func On() bool { return tracer.Load() != nil }

// Span is work that takes time. The zero value records nothing.
type Span struct{ span trace.Span }

// Begin begins a span below that of ctx. Its attributes are IDs and states, never a
// customer's data.
func Begin(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, Span) {
	t := tracer.Load()
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := (*t).Start(ctx, name, trace.WithAttributes(attributes...)) //nolint:spancheck // End ends it
	return ctx, Span{span}                                                  //nolint:spancheck // End ends it
}

// End ends the span. Of an error it records the code alone, because the message may
// have a customer's data.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, string(problem.From(err).Code))
	}
	s.span.End()
}

// EndRequest ends the span of an HTTP request.
func (s Span) EndRequest(method, route string, status int) {
	if s.span == nil {
		return
	}
	s.span.SetName("HTTP " + method + " " + route)
	s.span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// ID is an attribute with an ID, such as ID("load", "load_…").
func ID(kind, id string) attribute.KeyValue { return attribute.String("windlass."+kind, id) }
