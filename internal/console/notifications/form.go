package notifications

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/notification"
)

// formPage adds a notification, or edits one.
type formPage struct {
	page.Frame
	Target targetView // with an ID when it is edited
	Action string
	Form   form
}

// form is the input about a notification. The address isn't sent back: it may be a
// secret.
type form struct{ Name, Kind, URL, To, Events, Datasets string }

func readForm(r *http.Request) form {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return form{
		Name: value("name"), Kind: value("kind"), URL: value("url"), To: value("to"), Events: value("events"),
		Datasets: value("datasets"),
	}
}

// words splits a text at commas, blanks and line breaks.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
}

// Kinds returns the kinds of notification.
func (*formPage) Kinds() []page.Option {
	var all []page.Option
	for _, kind := range notification.Kinds() {
		all = append(all, page.Option{Value: string(kind), Name: kinds[kind]})
	}
	return all
}

func (h *Handlers) add(w http.ResponseWriter, v *shell.Visit) error {
	typed := form{Kind: string(notification.Webhook), Events: strings.Join(notification.DefaultEvents(), ", ")}
	if v.Draft != nil {
		typed = readForm(v.Typed().Request)
	}
	return h.showForm(w, v, http.StatusOK, targetView{}, typed, nil)
}

func (h *Handlers) showForm(w http.ResponseWriter, v *shell.Visit, status int, edited targetView, typed form,
	rejection error,
) error {
	p := &formPage{Target: edited, Form: typed, Action: root + "/new"}
	title, crumbs := "Add a notification", []page.Crumb{{Name: "Notifications", Path: root}}
	if edited.ID != "" {
		title, p.Action = "Edit "+edited.Name, edited.Path()+"/edit"
		crumbs = append(crumbs, page.Crumb{Name: edited.Name, Path: edited.Path()})
	}
	p.Frame = h.Frame(v, title, root, append(crumbs, page.Crumb{Name: title})...)
	p.Problem = page.ProblemOf(rejection)
	h.Show(w, v.Request, status, "notifications/form", p)
	return nil
}

func (h *Handlers) create(w http.ResponseWriter, v *shell.Visit) error {
	typed := readForm(v.Request)
	made, err := h.Notifications.Create(v.Context(), v.Actor, v.Workspace, notification.Draft{
		Name: typed.Name, Kind: notification.Kind(typed.Kind), URL: typed.URL, To: words(typed.To),
		Events: words(typed.Events), Datasets: words(typed.Datasets),
	})
	if shell.Rejected(err) {
		return h.showForm(w, v, http.StatusUnprocessableEntity, targetView{}, typed, err)
	}
	if err != nil {
		return err
	}
	if made.Secret.IsZero() {
		h.Redirect(w, v.Request, root+"/"+made.ID+"?done=notification-saved")
		return nil
	}
	return h.showTarget(w, v, &made)
}

func (h *Handlers) edit(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Notifications.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	shown := viewTarget(&found)
	typed := form{
		Name: found.Name, Kind: string(found.Kind), To: strings.Join(found.To, ", "), Events: shown.Events,
		Datasets: shown.Datasets,
	}
	if v.Draft != nil {
		typed = readForm(v.Typed().Request)
		typed.Kind = string(found.Kind)
	}
	return h.showForm(w, v, http.StatusOK, shown, typed, nil)
}

func (h *Handlers) update(w http.ResponseWriter, v *shell.Visit) error {
	found, err := h.Notifications.Get(v.Context(), v.Actor, v.Workspace, v.PathValue("id"))
	if err != nil {
		return err
	}
	typed := readForm(v.Request)
	typed.Kind = string(found.Kind)
	to, events, datasets := words(typed.To), words(typed.Events), words(typed.Datasets)
	change := notification.Change{Name: &typed.Name, Events: &events, Datasets: &datasets}
	if found.Kind == notification.Email {
		change.To = &to
	} else if typed.URL != "" {
		change.URL = &typed.URL
	}
	_, err = h.Notifications.Update(v.Context(), v.Actor, v.Workspace, found.ID, change)
	if shell.Rejected(err) {
		return h.showForm(w, v, http.StatusUnprocessableEntity, viewTarget(&found), typed, err)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, root+"/"+found.ID+"?done=notification-saved")
	return nil
}
