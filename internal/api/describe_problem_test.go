package api_test

import (
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
	for name, types := range map[string][2]reflect.Type{
		"a problem": {reflect.TypeFor[api.Problem](), reflect.TypeFor[api.RequestError]()},
		"a finding": {reflect.TypeFor[problem.Finding](), reflect.TypeFor[api.RequestFault]()},
	} {
		if diff := cmp.Diff(jsonNames(types[0]), jsonNames(types[1])); diff != "" {
			t.Errorf("%s (-written +described):\n%s", name, diff)
		}
	}
	for operation, op := range described(every(t).OpenAPI()) {
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
