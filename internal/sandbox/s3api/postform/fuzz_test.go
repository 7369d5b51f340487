package postform_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

// FuzzForms sends forms with arbitrary policies and fields. A form whose
// policy isn't signed must not create an object.
func FuzzForms(f *testing.F) {
	box, _ := awstest.OpenBox(f)
	f.Add(
		`{"expiration":"2999-01-01T00:00:00Z","conditions":[["eq","$key","k"],["content-length-range",0,9]]}`,
		"k",
		"text",
	)
	f.Add(`{"conditions":[{"acl":"private"}]}`, "${filename}", "")
	f.Fuzz(func(t *testing.T, policy, key, data string) {
		var b strings.Builder
		for name, value := range map[string]string{
			"key": key, "policy": base64.StdEncoding.EncodeToString([]byte(policy)),
			"x-amz-algorithm":  "AWS4-HMAC-SHA256",
			"x-amz-credential": "AKIDEXAMPLE/20260131/us-east-1/s3/aws4_request", "x-amz-date": "20260131T000000Z",
			"x-amz-signature": key,
		} {
			b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
		}
		b.WriteString(
			"--edge\r\nContent-Disposition: form-data; name=\"file\"; " +
				"filename=\"f\"\r\n\r\n" + data + "\r\n--edge--\r\n",
		)
		r := httptest.NewRequest(http.MethodPost, "http://localhost/fuzzed", strings.NewReader(b.String()))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=edge")
		out := httptest.NewRecorder()
		box.ServeHTTP(out, r)
		if out.Code < http.StatusBadRequest || out.Code >= http.StatusInternalServerError {
			t.Errorf("an unsigned form is answered %d", out.Code)
		}
	})
}
