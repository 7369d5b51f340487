package s3api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/postform"
)

// Hoisted returns the request with the signed x-amz- query parameters of its
// presigned URL as headers. The request's own headers take precedence.
func Hoisted(r *http.Request) *http.Request {
	out := r
	for name, values := range r.URL.Query() {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") || lower == "x-amz-expires" || lower == "x-amz-signedheaders" ||
			lower == "x-amz-content-sha256" ||
			postform.IsSignatureField(lower) ||
			r.Header.Get(name) != "" {
			continue
		}
		if out == r {
			out = r.Clone(r.Context())
		}
		out.Header[http.CanonicalHeaderKey(lower)] = slices.Clone(values)
	}
	return out
}
