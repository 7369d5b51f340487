package s3api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/postform"
)

// Hoisted returns the request that a presigned URL stands for: the x-amz-
// parameters of its query, which are signed, as the headers of the same name.
// A header that is there itself stays as it is.
func Hoisted(r *http.Request) *http.Request {
	out := r
	for name, values := range r.URL.Query() {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") || lower == "x-amz-expires" || lower == "x-amz-signedheaders" || lower == "x-amz-content-sha256" || postform.IsSignatureField(lower) || r.Header.Get(name) != "" {
			continue
		}
		if out == r {
			out = r.Clone(r.Context())
		}
		out.Header[http.CanonicalHeaderKey(lower)] = slices.Clone(values)
	}
	return out
}
