package client_test

import (
	"testing"

	"github.com/windlass-io/windlass/client"
)

func TestParseTokenScope(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want client.TokenScope
		text string // of the parsed scope
	}{
		"read":          {client.TokenScope{Action: "data.read", Dataset: "*"}, "read:*"},
		"read:prices":   {client.TokenScope{Action: "data.read", Dataset: "prices"}, "read:prices"},
		"write:a:b":     {client.TokenScope{Action: "data.write", Dataset: "a:b"}, "write:a:b"},
		"delete:prices": {client.TokenScope{Action: "data.delete", Dataset: "prices"}, "delete:prices"},
		"query":         {client.TokenScope{Action: "data.query"}, "query"},
		"load":          {client.TokenScope{Action: "load"}, "load"},
		"manage":        {client.TokenScope{Action: "manage"}, "manage"},
		"audit":         {client.TokenScope{Action: "audit"}, "audit"},
		"metrics":       {client.TokenScope{Action: "metrics"}, "metrics"},
	}
	for text, tt := range tests {
		got, err := client.ParseTokenScope(text)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%q: got %+v (%s), %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "read:", "query:prices", "load:x", "Read", "admin", "data.read"} {
		if got, err := client.ParseTokenScope(text); err == nil {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
