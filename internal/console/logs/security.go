package logs

import (
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/security"
)

// securityPage is the security log.
type securityPage struct {
	page.Frame
	Entries  []securityView
	Filter   securityFilter
	Kinds    []security.Kind
	Operator bool // may see the whole instance
	Next     string
}

// securityView is an entry.
type securityView struct {
	security.Entry

	KindPath, AddressPath string // the list narrowed to those
}

// Repeated reports whether several events were folded.
func (v securityView) Repeated() bool { return v.Count > 1 }

// Tone returns the chip of an entry, which highlights attacks.
func (v securityView) Tone() page.Chip {
	switch v.Kind {
	case security.SignInSucceeded, security.BackupMade:
		return page.Chip{Tone: "good", Icon: "check", Label: string(v.Kind)}
	case security.LinkCreated, security.IdentityLinked, security.IdentityUnlinked, security.DeviceNew,
		security.RoleChanged,
		security.TokenMinted, security.TokenAdopted, security.KeyRotated, security.BackupRestored:
		return page.Chip{Tone: "calm", Icon: "info", Label: string(v.Kind)}
	default:
		return page.Chip{Tone: "bad", Icon: "ban", Label: string(v.Kind)}
	}
}

// securityFilter narrows the log; it is the query.
type securityFilter struct {
	Kind, Address string
	From, To      string // days, UTC; To itself included
	Instance      bool
}

func readSecurityFilter(q url.Values) securityFilter {
	f := securityFilter{
		Kind: q.Get("kind"), Address: q.Get("address"), From: page.Day(q.Get("from")),
		To: page.Day(q.Get("to")), Instance: q.Get("all") == "true",
	}
	if !security.Kind(f.Kind).Known() {
		f.Kind = ""
	}
	return f
}

func (f securityFilter) filter() security.Filter {
	asked := security.Filter{Kind: security.Kind(f.Kind), Address: f.Address}
	if from, err := time.Parse(time.DateOnly, f.From); err == nil {
		asked.From = from
	}
	if to, err := time.Parse(time.DateOnly, f.To); err == nil {
		asked.To = to.AddDate(0, 0, 1)
	}
	return asked
}

// Any reports whether the filter leaves anything out.
func (f securityFilter) Any() bool {
	return f.Kind != "" || f.Address != "" || f.From != "" || f.To != ""
}

// query returns the path of the page with one member of the filter changed.
func (f securityFilter) query(name, value string) string {
	set := map[string]string{"kind": f.Kind, "address": f.Address, "from": f.From, "to": f.To}
	if f.Instance {
		set["all"] = "true"
	}
	return view.FilterPath("/security", set, name, value)
}

// security lists the entries that name the workspace, or with "all" those of the
// whole instance.
func (h *Handlers) security(w http.ResponseWriter, v *shell.Visit) error {
	q := v.URL.Query()
	filter := readSecurityFilter(q)
	workspace := v.Workspace
	if filter.Instance {
		workspace = ""
	}
	found, err := h.Security.List(v.Context(), v.Actor, workspace, filter.filter(),
		paging.Request{Cursor: q.Get("cursor")})
	if err != nil {
		return err
	}
	p := &securityPage{
		Frame: h.Frame(v, "Security", "/security"), Filter: filter, Kinds: security.Kinds(),
		Operator: h.Security.IsOperator(v.Context(), v.Actor),
	}
	for _, e := range found.Items {
		p.Entries = append(p.Entries, viewSecurity(e, filter))
	}
	if found.Next != "" {
		p.Next = filter.query("cursor", found.Next)
	}
	h.Show(w, v.Request, http.StatusOK, "logs/security", p)
	return nil
}

func viewSecurity(e security.Entry, f securityFilter) securityView {
	view := securityView{Entry: e, KindPath: f.query("kind", string(e.Kind))}
	if _, err := netip.ParseAddr(e.Address); err == nil || e.Address == security.Many {
		view.AddressPath = f.query("address", e.Address)
	} else if _, err := netip.ParsePrefix(e.Address); err == nil {
		view.AddressPath = f.query("address", e.Address)
	}
	return view
}
