package sandbox

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Sandbox is the rehearsed AWS that the service works against;
// *rehearsal.Service implements it.
type Sandbox interface {
	Endpoint() (url, region string)
	Decisions(ctx context.Context, actor access.Actor, workspaceID string,
		filter authz.Filter) ([]authz.Decision, error)
	Decision(ctx context.Context, actor access.Actor, workspaceID string, sequence int64) (authz.Decision, error)
	Watch(ctx context.Context, actor access.Actor, workspaceID string, filter authz.Filter,
		see func([]authz.Decision) error) error
	Faults(ctx context.Context, actor access.Actor, workspaceID string) ([]fault.Fault, error)
	AddFault(ctx context.Context, actor access.Actor, workspaceID string, broken fault.Fault) (fault.Fault, error)
	RemoveFault(ctx context.Context, actor access.Actor, workspaceID, faultID string) error
}

// sandboxPage shows the calls to the sandbox, and injects faults.
type sandboxPage struct {
	page.Frame
	Endpoint, Region string
	Filter           callFilter
	Calls            []callRow
	Faults           []faultView
	Form             faultForm
}

// callFilter narrows the calls; it is the query.
type callFilter struct {
	Effect    string // "denied", "refused", "allow" or empty for all
	Service   string
	Principal string // a part of it
	Older     bool   // all that the sandbox remembers
}

// Any reports whether the filter leaves anything out.
func (f callFilter) Any() bool { return f.Effect != "" || f.Service != "" || f.Principal != "" }

// Events returns the address that streams the calls that match the filter and
// aren't on the page yet.
func (p *sandboxPage) Events() string {
	q := p.Filter.query()
	q.Set("after", "0")
	if len(p.Calls) > 0 {
		q.Set("after", strconv.FormatInt(p.Calls[0].Sequence, 10))
	}
	return "/sandbox/events?" + q.Encode()
}

// Older returns the address of the page with older calls, or "" if it already
// has them.
func (p *sandboxPage) Older() string {
	if p.Filter.Older || len(p.Calls) < shownCalls {
		return ""
	}
	q := p.Filter.query()
	q.Set("older", "true")
	return "/sandbox?" + q.Encode()
}

func (f callFilter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"effect": f.Effect, "service": f.Service, "principal": f.Principal} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// callRow is one call.
type callRow struct {
	Sequence                    int64
	Time                        time.Time
	Principal, Action, Resource string
	Effect                      string // "allow", "explicitDeny", "implicitDeny", "refused"
	Answer                      string // "403 AccessDenied"; empty while it is in progress
	DecidedBy                   string // what decided: "identity policy 1, statement 2"
	Reason                      string // one sentence
}

// The number of calls on the page at first, and with older ones: as many as
// the sandbox keeps.
const (
	shownCalls = 25
	olderCalls = 1000
)

// Chip returns the chip that shows the effect.
func (r callRow) Chip() page.Chip {
	switch r.Effect {
	case "allow":
		return page.Chip{Tone: "good", Icon: "check", Label: "Allowed"}
	case "refused":
		return page.Chip{Tone: "warn", Icon: "circle-x", Label: "Refused"}
	}
	return page.Chip{Tone: "bad", Icon: "ban", Label: "Denied"}
}

// Clock is the time of day, in UTC.
func (r callRow) Clock() string { return r.Time.UTC().Format("15:04:05") }

// Caller returns the caller without the beginning that all ARNs share.
func (r callRow) Caller() string { return shortARN(r.Principal) }

// Target returns the resource without the beginning that all ARNs share.
func (r callRow) Target() string { return shortARN(r.Resource) }

// shortARN returns the name in an ARN with its account, if it has one:
// "user/ada · 111122223333".
func shortARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case len(parts) < 6:
		return arn
	case parts[4] == "":
		return parts[5]
	}
	return parts[5] + " · " + parts[4]
}

// callPage is the full explanation of one call.
type callPage struct {
	page.Frame
	Call        callRow
	RequestID   string
	Explanation template.HTML // empty if there was no decision on the call
	Message     string        // encoded, for DecodeAuthorizationMessage
}

func (h *Handlers) sandbox(w http.ResponseWriter, v *shell.Visit) error {
	return h.showSandbox(w, v, http.StatusOK, faultForm{}, nil)
}

func (h *Handlers) showSandbox(w http.ResponseWriter, v *shell.Visit, status int, form faultForm,
	rejection error,
) error {
	p := &sandboxPage{Frame: h.Frame(v, "Sandbox", "/sandbox"), Filter: filterOf(v), Form: form.filled()}
	p.Problem = page.ProblemOf(rejection)
	p.Endpoint, p.Region = h.Sandbox.Endpoint()
	found, err := h.Sandbox.Decisions(v.Context(), v.Actor, v.Workspace, p.Filter.find())
	if err != nil {
		return err
	}
	p.Calls = viewCalls(found)
	if p.Faults, err = h.faults(v); err != nil {
		return err
	}
	h.Show(w, v.Request, status, "sandbox/sandbox", p)
	return nil
}

func filterOf(v *shell.Visit) callFilter {
	q := v.URL.Query()
	return callFilter{
		Effect: q.Get("effect"), Service: q.Get("service"),
		Principal: strings.TrimSpace(q.Get("principal")), Older: q.Get("older") != "",
	}
}

func (f callFilter) find() authz.Filter {
	limit := shownCalls
	if f.Older {
		limit = olderCalls
	}
	return authz.Filter{Effect: f.Effect, Service: f.Service, Principal: f.Principal, Limit: limit}
}

func viewCalls(found []authz.Decision) []callRow {
	rows := make([]callRow, len(found))
	for n, d := range found {
		rows[n] = viewCall(d)
	}
	return rows
}

func viewCall(d authz.Decision) callRow {
	row := callRow{
		Sequence: d.Sequence, Time: d.Time, Principal: d.Principal, Action: d.Action, Resource: d.Resource,
		Effect: d.Effect, Reason: d.Explanation,
	}
	if d.Status > 0 {
		row.Answer = strings.TrimSpace(strconv.Itoa(d.Status) + " " + d.Code)
	}
	if d.Trace == nil {
		return row
	}
	row.Reason = d.Trace.Reason
	for _, p := range d.Trace.Policies {
		if d.Trace.Policy != nil && d.Trace.Statement != nil && p.Kind == d.Trace.Kind && p.Index == *d.Trace.Policy {
			row.DecidedBy = p.Name() + ", statement " + strconv.Itoa(*d.Trace.Statement+1)
		}
	}
	return row
}

// sandboxCall shows one call in full.
func (h *Handlers) sandboxCall(w http.ResponseWriter, v *shell.Visit) error {
	sequence, err := strconv.ParseInt(v.PathValue("sequence"), 10, 64)
	if err != nil || sequence < 1 {
		return problem.New(problem.NotFound, "This call doesn’t exist.")
	}
	d, err := h.Sandbox.Decision(v.Context(), v.Actor, v.Workspace, sequence)
	if err != nil {
		return err
	}
	p := &callPage{
		Frame: h.Frame(v, d.Action, "/sandbox", page.Crumb{Name: "Sandbox", Path: "/sandbox"}), Call: viewCall(d),
		RequestID: d.RequestID, Message: d.Message,
	}
	if d.Trace != nil {
		if p.Explanation, err = d.Trace.HTML(); err != nil {
			return err
		}
	}
	h.Show(w, v.Request, http.StatusOK, "sandbox/call", p)
	return nil
}

// sandboxEvents streams the calls after the one that the query names, or after
// the last one that the reader had.
func (h *Handlers) sandboxEvents(w http.ResponseWriter, v *shell.Visit) error {
	filter := filterOf(v).find()
	filter.Limit = olderCalls // include everything since the page was rendered
	after := v.URL.Query().Get("after")
	if place := v.Header.Get("Last-Event-ID"); place != "" {
		after = place
	}
	filter.After, _ = strconv.ParseInt(after, 10, 64) // anything invalid means from the beginning
	stream := shell.NewStream(w)
	return stream.End(h.Sandbox.Watch(v.Context(), v.Actor, v.Workspace, filter,
		func(found []authz.Decision) error {
			stream.Place = strconv.FormatInt(found[0].Sequence, 10)
			return h.SendFragment(stream, "sandbox/sandbox", "call-rows", viewCalls(found))
		}))
}
