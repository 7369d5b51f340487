package sandbox

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
)

// toolPrefix begins the paths that are no part of AWS. No bucket's name can
// begin like this.
const toolPrefix = "/_sandbox/"

// serveTool answers what the sandbox tells of itself, to this machine alone.
func (s *Sandbox) serveTool(w http.ResponseWriter, r *http.Request) {
	if !loopback(r.RemoteAddr) {
		http.NotFound(w, r)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /_sandbox/health":
		writeJSON(w, map[string]string{"status": "ready"})
	case "GET /_sandbox/decisions":
		n, err := strconv.Atoi(r.URL.Query().Get("limit"))
		if err != nil || n < 1 {
			n = 100
		}
		writeJSON(w, map[string]any{"items": s.authorizer.Last(n)})
	default:
		http.NotFound(w, r)
	}
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // the caller is gone: there is nobody to tell
}
