package api_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/problem"
)

// TestErrorsAreDescribed compares the errors of the API with their description.
func TestErrorsAreDescribed(t *testing.T) {
	t.Parallel()
	schemas := every(t).OpenAPI().Components.Schemas.Map()
	for name, written := range map[string]reflect.Type{
		"RequestError": reflect.TypeFor[api.Problem](), "RequestFault": reflect.TypeFor[problem.Finding](),
	} {
		if diff := cmp.Diff(jsonNames(written), slices.Sorted(maps.Keys(schemas[name].Properties))); diff != "" {
			t.Errorf("%s (-written +described):\n%s", name, diff)
		}
	}
	for operation, op := range described(every(t).OpenAPI()) {
		_, text := op.Responses["default"].Content["text/plain"]
		inQuery := slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return s["query"] != nil })
		if text != inQuery {
			t.Errorf("%s describes the platform's errors: %v, takes ?token=: %v", operation, text, inQuery)
		}
		for status, response := range op.Responses {
			for media, content := range response.Content {
				if content.Schema == nil {
					t.Errorf("%s doesn't describe %s (%s)", operation, media, status)
				}
			}
		}
		for _, status := range []string{"429", "default"} {
			response := op.Responses[status]
			if response == nil ||
				response.Content["application/problem+json"].Schema.Ref != "#/components/schemas/RequestError" {
				t.Errorf("%s doesn't describe its errors (%s)", operation, status)
			}
		}
	}
}

// jsonNames returns the names of a type's JSON members.
func jsonNames(of reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(of) {
		if tag := field.Tag.Get("json"); tag != "" && !field.Anonymous {
			names = append(names, tag)
		}
	}
	slices.Sort(names)
	for i := range names {
		names[i], _, _ = strings.Cut(names[i], ",")
	}
	return names
}
