package platform

import (
	"net/http"
	"slices"
	"strings"
)

// families has the first segments of the platform's paths.
var families = []string{
	"aws-onboarding", "credentials", "data", "data-sources", "datasets", "generate-schema", "ingestion-history",
	"ingestion-schedules", "jobs", "logs", "meta", "openapi-doc", "record", "sample-data-source", "webhooks",
}

// Path returns the path of the route for an escaped path of the platform: it
// replaces the prefix /stable and the paths of older clients. ok is false for a
// path that isn't the platform's.
func Path(method, escaped string) (route string, ok bool) {
	rest, ok := strings.CutPrefix(escaped, "/v1/")
	if !ok {
		rest, ok = strings.CutPrefix(escaped, "/stable/")
	}
	if !ok {
		return "", false
	}
	if rest == "platform/swagger-json" {
		return "/v1/openapi-doc", true
	}
	family, tail, deeper := strings.Cut(rest, "/")
	switch {
	case family == "query" && (method == http.MethodGet || method == http.MethodHead):
		family = "data"
	case family == "write":
		family = "record"
	case family == "jobs" && strings.Count(tail, "/") == 2:
		tail = strings.TrimSuffix(tail, "/query")
	}
	if !slices.Contains(families, family) {
		return "", false
	}
	if !deeper {
		return "/v1/" + family, true
	}
	return "/v1/" + family + "/" + tail, true
}
