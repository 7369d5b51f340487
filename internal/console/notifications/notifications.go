package notifications

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
)

// root is the path of the list.
const root = "/notifications"

// listPage lists the notifications.
type listPage struct {
	page.Frame
	Notifications []targetView
	Next          string
}

// targetView is a notification as pages show it.
type targetView struct {
	ID, Name, Kind, To, Events, Datasets string
	Signed                               bool
	Enabled                              bool
	Reason                               string // why it is disabled
	FailingSince                         time.Time
	CreatedAt                            time.Time
}

// Path is the notification's page.
func (v *targetView) Path() string { return root + "/" + v.ID }

// Chip shows the state of the notification.
func (v *targetView) Chip() page.Chip {
	switch {
	case !v.Enabled:
		return page.Chip{Tone: "", Icon: "ban", Label: "Disabled"}
	case !v.FailingSince.IsZero():
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failing"}
	default:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "On"}
	}
}

var kinds = map[notification.Kind]string{
	notification.Webhook: "Webhook", notification.Slack: "Slack", notification.Email: "E-mail",
}

func viewTarget(d *notification.Destination) targetView {
	shown := targetView{
		ID: d.ID, Name: d.Name, Kind: kinds[d.Kind], To: d.Address, Events: strings.Join(d.Events, ", "),
		Datasets: strings.Join(d.Datasets, ", "), Signed: d.Kind == notification.Webhook, Enabled: d.Enabled,
		Reason: d.DisabledReason, FailingSince: d.FailingSince, CreatedAt: d.CreatedAt,
	}
	if d.Kind == notification.Email {
		shown.To = strings.Join(d.To, ", ")
	}
	return shown
}

func (h *Handlers) list(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Notifications.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &listPage{Frame: h.Frame(v, "Notifications", root), Next: page.NextPath(root, found.Next)}
	for i := range found.Items {
		p.Notifications = append(p.Notifications, viewTarget(&found.Items[i]))
	}
	h.Show(w, v.Request, http.StatusOK, "notifications/notifications", p)
	return nil
}

// deliveryView is the result of one event.
type deliveryView struct {
	ID, Title, Type, Detail string
	At                      time.Time
	State                   notification.State
	Again                   bool // it can be sent again
}

// Chip shows the result of the delivery.
func (d *deliveryView) Chip() page.Chip {
	switch d.State {
	case notification.Sent:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Sent"}
	case notification.Waiting:
		return page.Chip{Tone: "calm", Icon: "clock", Label: "Waiting"}
	case notification.LeftOut:
		return page.Chip{Tone: "", Icon: "circle-minus", Label: "Left out"}
	default:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failed"}
	}
}

// targetPage shows one notification with its deliveries.
type targetPage struct {
	page.Frame
	Target     targetView
	Secret     string // that was just created; empty: none
	Deliveries []deliveryView
	Next       string
}

// shownDeliveries limits the deliveries on a page.
const shownDeliveries = 30

func (h *Handlers) show(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Notifications.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	return h.showTarget(w, v, &notification.Created{Destination: found})
}

func (h *Handlers) showTarget(w http.ResponseWriter, v *shell.Visit, of *notification.Created) error {
	sent, err := h.Notifications.Deliveries(v.Context(), v.Actor, v.Workspace, of.ID,
		paging.Request{Limit: shownDeliveries, Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &targetPage{
		Frame:  h.Frame(v, of.Name, root, page.Crumb{Name: "Notifications", Path: root}, page.Crumb{Name: of.Name}),
		Target: viewTarget(&of.Destination), Secret: of.Secret.Reveal(),
	}
	p.Next = page.NextPath(p.Target.Path(), sent.Next)
	for i := range sent.Items {
		d := &sent.Items[i]
		p.Deliveries = append(p.Deliveries, deliveryView{
			ID: d.ID, Title: d.Title, Type: string(d.Type), Detail: d.Fault, At: d.CreatedAt, State: d.State,
			Again: d.State == notification.Failed && of.Enabled,
		})
	}
	h.Show(w, v.Request, http.StatusOK, "notifications/notification", p)
	return nil
}

func (h *Handlers) test(w http.ResponseWriter, v *shell.Visit) error {
	sent, err := h.Notifications.Test(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	done := "?done=notification-tested"
	if sent.State != notification.Sent {
		done = "?done=notification-not-tested"
	}
	h.Redirect(w, v.Request, root+"/"+sent.DestinationID+done)
	return nil
}

func (h *Handlers) rotate(w http.ResponseWriter, v *shell.Visit) error {
	rotated, err := h.Notifications.Rotate(
		v.Context(),
		v.Actor,
		v.Workspace,
		v.PathValue("id"),
		v.FormValue("leaked") != "",
	)
	if err != nil {
		return err
	}
	return h.showTarget(w, v, &rotated)
}

func (h *Handlers) enable(w http.ResponseWriter, v *shell.Visit) error { return h.turn(w, v, true) }

func (h *Handlers) disable(w http.ResponseWriter, v *shell.Visit) error { return h.turn(w, v, false) }

func (h *Handlers) turn(w http.ResponseWriter, v *shell.Visit, on bool) error {
	changed, err := h.Notifications.Update(v.Context(), v.Actor, v.Workspace, v.PathValue("id"),
		notification.Change{Enabled: &on})
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+changed.ID+"?done=notification-saved")
	return nil
}

func (h *Handlers) retry(w http.ResponseWriter, v *shell.Visit) error {
	retried, err := h.Notifications.Retry(v.Context(), v.Actor, v.Workspace, v.PathValue("id"), v.PathValue("delivery"))
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+retried.DestinationID+"?done=notification-retried")
	return nil
}

// removal removes a notification.
func (h *Handlers) removal(v *shell.Visit) (*shell.Removal, error) {
	d, err := h.Notifications.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	found := viewTarget(&d)
	return &shell.Removal{
		Page: &shell.RemovePage{
			Frame: h.Frame(v, "Remove "+found.Name, root, page.Crumb{Name: "Notifications", Path: root},
				page.Crumb{Name: found.Name, Path: found.Path()}, page.Crumb{Name: "Remove"}),
			Question: "Remove the notification “" + found.Name + "”?", Verb: "Remove notification",
			Action: found.Path() + "/remove", Back: found.Path(),
			Keeps: "Its list of deliveries goes with it.",
		},
		Measure: func() (impact.Impact, error) {
			return h.Notifications.Impact(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Act: func(impact.Confirmation) error {
			return h.Notifications.Remove(v.Context(), v.Actor, v.Workspace, found.ID)
		},
		Done: root + "?done=notification-removed",
	}, nil
}
