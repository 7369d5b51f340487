package shell

import (
	"testing"
)

func TestLocalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/datasets?cursor=a": "/datasets?cursor=a",
		"":                   "/",
		"datasets":           "/",
		"//evil.example":     "/",
		"/\\evil.example":    "/",
		"https://evil":       "/",
		"javascript:alert()": "/",
		"/a\r\nSet-Cookie:":  "/",
		"/%zz":               "/",
	} {
		if got := LocalPath(path); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", path, got, want)
		}
	}
}
