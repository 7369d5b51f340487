package s3api

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
)

// VerifyV2 reports whether a request has a valid Version 2 signature, now.
func (a *API) VerifyV2(s *sigv2.Signature, r *http.Request, secret string, now time.Time) error {
	return s.Verify(r, secret, hostBucket(r.Host), a.signedV2, now)
}

// signedV2 reports whether Version 2 signs a query parameter: those that AWS
// names, and all that select an operation, so that a URL for one operation
// never works for another.
func (a *API) signedV2(name string) bool {
	switch name {
	case "versionId", "partNumber", "storageClass", "defaultObjectAcl", "select-type":
		return true
	}
	if strings.HasPrefix(name, "response-") {
		return true
	}
	for _, s := range a.subresources {
		if s.name == name {
			return true
		}
	}
	return false
}
