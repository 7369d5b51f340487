package sandbox

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// toolPrefix begins the paths of the sandbox's own endpoints. Bucket names
// can't begin with it.
const toolPrefix = "/_sandbox/"

// maxFaultText limits the size of a fault's description, in bytes.
const maxFaultText = 64 << 10

// serveTool serves the sandbox's own endpoints, to this machine only.
func (s *Sandbox) serveTool(w http.ResponseWriter, r *http.Request) {
	if !loopback(r.RemoteAddr) {
		http.NotFound(w, r)
		return
	}
	if !door.Local(r) {
		writeJSON(w, http.StatusForbidden, map[string]string{
			"code": "forbidden", "detail": "the host " + strconv.Quote(r.Host) + " isn't this machine",
			"hint": "use localhost or 127.0.0.1",
		})
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		writeJSON(w, http.StatusForbidden, map[string]string{"code": "forbidden", "detail": err.Error()})
		return
	}
	s.tool.ServeHTTP(w, r)
}

// toolRoutes returns the routes of the sandbox's own endpoints.
func (s *Sandbox) toolRoutes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /_sandbox/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	routes.HandleFunc("GET /_sandbox/decisions", s.listDecisions)
	routes.HandleFunc("GET /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"items": s.faults.List()})
	})
	routes.HandleFunc("POST /_sandbox/faults", s.addFault)
	routes.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.faults.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	routes.HandleFunc("DELETE /_sandbox/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		if !s.faults.Remove(r.PathValue("id")) {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return routes
}

// maxDecisions is the default limit of a list of decisions.
const maxDecisions = 100

func (s *Sandbox) listDecisions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter := authz.Filter{
		Service: q.Get("service"), Action: q.Get("action"), Principal: q.Get("principal"), Resource: q.Get("resource"),
		Effect: q.Get("effect"), Code: q.Get("code"), RequestID: q.Get("request_id"), Limit: maxDecisions,
	}
	var err error
	if q.Has("limit") {
		filter.Limit, err = strconv.Atoi(q.Get("limit"))
	}
	if q.Has("after") && err == nil {
		filter.After, err = strconv.ParseInt(q.Get("after"), 10, 64)
	}
	if err != nil || filter.Limit < 1 || filter.After < 0 {
		writeProblem(w, problem.New(problem.Invalid, "limit and after must be whole numbers, of at least 1 and 0"))
		return
	}
	decisions := s.authorizer.Find(filter)
	if decisions == nil {
		decisions = []authz.Decision{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"items": decisions})
}

func (s *Sandbox) addFault(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFaultText))
	if err != nil {
		writeProblem(
			w,
			problem.Wrap(
				err,
				problem.TooLarge,
				"can't read the fault: it is larger than %d bytes, or the body ended early",
				maxFaultText,
			),
		)
		return
	}
	var f fault.Fault
	if err := f.UnmarshalJSON(text); err != nil {
		writeProblem(w, err)
		return
	}
	added, err := s.faults.Add(f)
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, added)
}

func writeProblem(w http.ResponseWriter, err error) {
	e := problem.From(err)
	writeJSON(w, http.StatusBadRequest, map[string]string{"code": string(e.Code), "detail": e.Message, "hint": e.Hint})
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client may have disconnected
}
