package client_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestExportAudit(t *testing.T) {
	t.Parallel()
	const first, second = `{"seq":1,"hash":"aa"}` + "\n", `{"seq":2,"hash":"bb"}` + "\n"
	tests := map[string]struct{ head, body, want string }{
		"complete":        {"2:bb", first + second, ""},
		"empty log":       {"0:", "", ""},
		"ends early":      {"2:bb", first, "the export ended after entry 1 of 2"},
		"ends in a line":  {"2:bb", first + second[:10], "the export ended after entry 1 of 2"},
		"has no newline":  {"2:bb", first + strings.TrimSpace(second), "the export ended after entry 1 of 2"},
		"another hash":    {"2:cc", first + second, "the export ended after entry 2 of 2"},
		"nothing arrives": {"2:bb", "", "the export ended after entry 0 of 2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Audit-Head", tt.head)
				_, _ = w.Write([]byte(tt.body))
			})
			var out strings.Builder
			got := ""
			if err := c.ExportAudit(t.Context(), &out); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got error %q, want %q", got, tt.want)
			}
			if out.String() != tt.body {
				t.Errorf("wrote %q", out.String())
			}
		})
	}
}
