package object_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/object"
)

func TestEndpointFault(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		address         string
		strange, inside bool // allowed for strangers, allowed with private endpoints
	}{
		{"", true, true},
		{"https://s3.example.com", true, true},
		{"https://s3.example.com:9000", true, true},
		{"http://s3.example.com", false, true},
		{"https://127.0.0.1", false, true},
		{"https://[::1]:9000", false, true},
		{"https://10.0.0.1", false, true},
		{"https://169.254.169.254", false, true},
		{"https://100.64.0.1", false, true},
		{"https://localhost", false, true},
		{"https://minio", false, true},
		{"https://2130706433", false, true},
		{"https://user:secret@s3.example.com", false, false},
		{"https://s3.example.com/path", false, false},
		{"https://s3.example.com?x=1", false, false},
		{"s3.example.com", false, false},
		{"ftp://s3.example.com", false, false},
		{"https://", false, false},
	} {
		if got := object.EndpointFault(tc.address, false) == ""; got != tc.strange {
			t.Errorf("%q for strangers: allowed %t", tc.address, got)
		}
		if got := object.EndpointFault(tc.address, true) == ""; got != tc.inside {
			t.Errorf("%q with private endpoints: allowed %t", tc.address, got)
		}
	}
}
