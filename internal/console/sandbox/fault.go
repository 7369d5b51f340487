package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// faultView is a fault of the sandbox.
type faultView struct {
	ID, Text, Scope string
	Hits            int
	Over            bool
}

// faultForm has the input for a fault.
type faultForm struct {
	Kind, Service, Action, Bucket string
	Count                         string // calls that it strikes; empty: all
	Minutes                       string // how long; empty: until it is removed
}

func (f faultForm) filled() faultForm {
	if f.Kind == "" {
		f.Kind = string(fault.Throttle)
	}
	return f
}

// Kinds returns the kinds of fault to choose from.
func (sandboxPage) Kinds() []page.Option {
	var kinds []page.Option
	for _, k := range fault.Kinds() {
		kinds = append(kinds, page.Option{Value: string(k), Name: k.Describe()})
	}
	return kinds
}

// Services returns the services of the sandbox.
func (sandboxPage) Services() []string { return []string{"s3", "sts", "iam", "kms"} }

// faults returns the active and the ended faults.
func (h *Handlers) faults(v *shell.Visit) ([]faultView, error) {
	list, err := h.Sandbox.Faults(v.Context(), v.Actor, v.Workspace)
	if err != nil {
		return nil, err
	}
	views := make([]faultView, len(list))
	for n, f := range list {
		views[n] = viewFault(f, h.Now())
	}
	slices.Reverse(views)
	return views, nil
}

func viewFault(f fault.Fault, now time.Time) faultView {
	var parts []string
	if f.Match.Service != "" {
		parts = append(parts, strings.ToUpper(f.Match.Service))
	}
	for _, part := range []string{f.Match.Action, f.Match.Bucket, f.Match.Key, f.Match.Principal, f.Match.Region} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "every call")
	}
	if f.Count > 0 {
		parts = append(parts, page.Plural(f.Count, "call", "calls")+" at most")
	}
	if !f.Expires.IsZero() {
		parts = append(parts, "until "+f.Expires.UTC().Format("15:04:05 UTC"))
	}
	return faultView{
		ID: f.ID, Text: f.Kind.Describe(), Scope: strings.Join(parts, " · "), Hits: f.Hits,
		Over: f.Count > 0 && f.Hits >= f.Count || !f.Expires.IsZero() && !now.Before(f.Expires),
	}
}

// sandboxBreak activates a fault.
func (h *Handlers) sandboxBreak(w http.ResponseWriter, v *shell.Visit) error {
	form := faultForm{
		Kind: v.PostFormValue("kind"), Service: v.PostFormValue("service"),
		Action: strings.TrimSpace(v.PostFormValue("action")),
		Bucket: strings.TrimSpace(v.PostFormValue("bucket")), Count: v.PostFormValue("count"),
		Minutes: v.PostFormValue("minutes"),
	}
	broken, err := form.fault()
	if err == nil {
		_, err = h.Sandbox.AddFault(v.Context(), v.Actor, v.Workspace, broken)
	}
	if shell.Rejected(err) {
		return h.showSandbox(w, v, http.StatusUnprocessableEntity, form, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/sandbox?done=fault-set")
	return nil
}

func (f faultForm) fault() (fault.Fault, error) {
	broken := fault.Fault{Kind: fault.Kind(f.Kind), Match: fault.Match{
		Service: f.Service, Action: f.Action,
		Bucket: f.Bucket,
	}}
	minutes := 0
	for text, number := range map[*string]*int{&f.Count: &broken.Count, &f.Minutes: &minutes} {
		if *text == "" {
			continue
		}
		n, err := strconv.Atoi(*text)
		if err != nil || n < 1 || n > 100_000 {
			return broken, problem.New(problem.Invalid, "“%s” isn't a number of calls or minutes.", *text).
				WithHint("Enter a whole number, or leave it empty.")
		}
		*number = n
	}
	broken.For = time.Duration(minutes) * time.Minute
	return broken, nil
}

// sandboxRemoveFault removes a fault.
func (h *Handlers) sandboxRemoveFault(w http.ResponseWriter, v *shell.Visit) error {
	if err := h.Sandbox.RemoveFault(v.Context(), v.Actor, v.Workspace, v.PathValue("id")); err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/sandbox?done=fault-removed")
	return nil
}
