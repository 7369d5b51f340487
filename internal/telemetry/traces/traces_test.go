package traces_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	wire "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
	"github.com/windlass-io/windlass/sandboxtest"
)

// gathered has the spans that a collector got.
type gathered struct {
	mu       sync.Mutex
	spans    []*wire.Span
	resource string
}

func collect(t *testing.T) (*gathered, string) {
	t.Helper()
	g := &gathered{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
			http.Error(w, "no traces", http.StatusBadRequest)
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, part := range sent.GetResourceSpans() {
			g.resource = part.GetResource().String()
			for _, scope := range part.GetScopeSpans() {
				g.spans = append(g.spans, scope.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return g, server.URL
}

func (g *gathered) find(t *testing.T, name string) *wire.Span {
	t.Helper()
	i := slices.IndexFunc(g.spans, func(s *wire.Span) bool { return s.GetName() == name })
	if i < 0 {
		t.Fatalf("no span %q among %v", name, g.spans)
	}
	return g.spans[i]
}

// The process has one tracer: the tests here aren't parallel.

// TestSpans checks what a collector gets of nested work, of an error and of a call of the
// AWS SDK.
func TestSpans(t *testing.T) {
	g, url := collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
	stop, err := traces.Start(t.Context(), traces.Config{Version: "1.2.3", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := sandboxtest.Start(t)
	ctx, load := traces.Begin(t.Context(), "load", traces.ID("load", "load_1"))
	client := server.S3(server.Customer.Keys, func(o *s3.Options) { o.APIOptions = append(o.APIOptions, traces.AWS) })
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("acme")}); err != nil {
		t.Fatal(err)
	}
	load.End(problem.New(problem.Conflict, "A secret of the customer."))
	_, request := traces.Begin(context.Background(), "HTTP GET")
	request.EndRequest("GET", "/v1/data/{ws}", http.StatusInternalServerError)
	stop()

	parent, call := g.find(t, "load"), g.find(t, "aws S3.CreateBucket")
	if !bytes.Equal(call.GetParentSpanId(), parent.GetSpanId()) {
		t.Errorf("the call's parent is %x, not the load %x", call.GetParentSpanId(), parent.GetSpanId())
	}
	status := parent.GetStatus()
	if status.GetCode() != wire.Status_STATUS_CODE_ERROR || status.GetMessage() != "conflict" {
		t.Errorf("the load's status is %v", status)
	}
	served := g.find(t, "HTTP GET /v1/data/{ws}")
	if served.GetStatus().GetCode() != wire.Status_STATUS_CODE_ERROR {
		t.Errorf("the request's status is %v", served.GetStatus())
	}
	for _, span := range g.spans {
		if strings.Contains(span.String(), "secret") || strings.Contains(span.String(), "acme") {
			t.Errorf("a span has a customer's data: %v", span)
		}
	}
	for _, want := range []string{"windlass", "1.2.3", "deployment.environment"} {
		if !strings.Contains(g.resource, want) {
			t.Errorf("the resource %s lacks %s", g.resource, want)
		}
	}
	if traces.On() {
		t.Error("spans are recorded after the end")
	}
}

// TestOff checks the variables that turn traces off, or can't be used.
func TestOff(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want problem.Code
	}{
		"nothing set": {},
		"no exporter": {map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none",
		}, ""},
		"disabled": {map[string]string{
			"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true",
		}, ""},
		"gRPC": {map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
		}, problem.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range test.env {
				t.Setenv(key, value)
			}
			stop, err := traces.Start(t.Context(), traces.Config{Logger: slog.New(slog.DiscardHandler)})
			if test.want != "" {
				if !problem.Is(err, test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				return
			}
			if err != nil || traces.On() {
				t.Errorf("on %t, %v", traces.On(), err)
			}
			_, span := traces.Begin(t.Context(), "nothing")
			span.End(errors.New("nothing is recorded"))
			stop()
		})
	}
}
