package platform

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/problem"
)

// webhookOut is a webhook as the platform writes it.
type webhookOut struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Events  []string `json:"events"`
	State   string   `json:"state"`
	Reason  string   `json:"reason,omitempty"` // why it was disabled
	Date    int64    `json:"date"`
	Updated int64    `json:"updated"`
}

const disabled = "DISABLED"

func toWebhook(d notification.Destination) webhookOut {
	out := webhookOut{
		ID: d.ID, Name: d.Name, URL: d.Address, Events: d.Events, State: enabled, Reason: d.DisabledReason,
		Date: millis(d.CreatedAt), Updated: millis(d.UpdatedAt),
	}
	if !d.Enabled {
		out.State = disabled
	}
	return out
}

// webhookMade is the response to the platform's clients for a new webhook. The
// secret, which signs requests, isn't shown again.
type webhookMade struct {
	thingDone
	Secret string `json:"secret"`
}

func (p *Platform) webhookRoutes() []Route {
	const list, one = "/v1/webhooks/{ws}", "/v1/webhooks/{ws}/{webhook}"
	body := []string{"application/json"}
	routes := []Route{
		{
			ID: "platform-list-webhooks", Method: http.MethodGet, Path: list, Summary: "List webhooks",
			Query: listParameters(), Handle: answering(p.listWebhooks),
		},
		{
			ID: "platform-create-webhook", Method: http.MethodPost, Path: list, Summary: "Create a webhook",
			Description: "The secret in the response signs the requests. It isn't shown again.", Body: body,
			Handle: p.withBody(p.createWebhook),
		},
		{
			ID: "platform-get-webhook", Method: http.MethodGet, Path: one, Summary: "One webhook, without its secret",
			Handle: answering(p.getWebhook),
		},
		{
			ID: "platform-update-webhook", Method: http.MethodPut, Path: one, Summary: "Change a webhook",
			Body: body, Handle: p.withBody(p.updateWebhook),
		},
		{
			ID: "platform-delete-webhook", Method: http.MethodDelete, Path: one, Summary: "Remove a webhook",
			Handle: answering(p.deleteWebhook),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// webhook returns the webhook in the path by its ID or name, ignoring case.
func (p *Platform) webhook(r *http.Request, call Call) (notification.Destination, error) {
	name := r.PathValue("webhook")
	found, err := resolve(r.Context(), call, name, lookup[notification.Destination]{
		get: p.config.Notifications.Get, list: p.config.Notifications.List, listing: access.NotificationList,
		kind: "notification", names: func(d notification.Destination) (string, string) { return d.ID, d.Name },
	})
	if err == nil && found.Kind != notification.Webhook {
		err = problem.New(problem.NotFound, "The notification %s isn't a webhook.", found.Name).
			WithHint("Use /v1/workspaces/{ws}/notifications.")
	}
	return found, err
}

func (p *Platform) listWebhooks(r *http.Request, call Call) (any, error) {
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	found, err := all(r.Context(), call, p.config.Notifications.List)
	if err != nil {
		return nil, err
	}
	webhooks := []notification.Destination{}
	for _, d := range found {
		if d.Kind == notification.Webhook {
			webhooks = append(webhooks, d)
		}
	}
	out := []webhookOut{}
	for _, d := range pick(webhooks, wanted, func(d notification.Destination) time.Time { return d.CreatedAt }) {
		out = append(out, toWebhook(d))
	}
	return out, nil
}

func (p *Platform) getWebhook(r *http.Request, call Call) (any, error) {
	found, err := p.webhook(r, call)
	if err != nil {
		return nil, err
	}
	return toWebhook(found), nil
}

// takeWebhook takes the members of a webhook; nil members weren't sent.
func takeWebhook(in *taking) (c notification.Change, err error) {
	c.Name, c.URL = in.optional("name"), in.optional("url")
	var events []string
	ok, err := in.take(&events, "events")
	in.fail(err)
	if ok {
		c.Events = &events
	}
	if state := in.optional("state"); state != nil {
		on := strings.EqualFold(*state, enabled)
		if !on && !strings.EqualFold(*state, disabled) {
			in.fail(problem.New(problem.Invalid, "The state is %q; it must be ENABLED or DISABLED.", *state).
				WithReason("invalid_body"))
		}
		c.Enabled = &on
	}
	return c, in.end("id", "date", "updated", "reason", "description")
}

func (p *Platform) createWebhook(r *http.Request, call Call, in *taking) (any, error) {
	c, err := takeWebhook(in)
	if err != nil {
		return nil, err
	}
	draft := notification.Draft{Name: text(c.Name), Kind: notification.Webhook, URL: text(c.URL)}
	if c.Events != nil {
		draft.Events = *c.Events
	}
	draft.Disabled = c.Enabled != nil && !*c.Enabled
	made, err := p.config.Notifications.Create(r.Context(), call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return webhookMade{
		thingDone{done{true, "Webhook has been created"}, made.ID, made.Name},
		made.Secret.Reveal(),
	}, nil
}

func (p *Platform) updateWebhook(r *http.Request, call Call, in *taking) (any, error) {
	found, err := p.webhook(r, call)
	if err != nil {
		return nil, err
	}
	c, err := takeWebhook(in)
	if err != nil {
		return nil, err
	}
	changed, err := p.config.Notifications.Update(r.Context(), call.Actor, call.Workspace, found.ID, c)
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Webhook has been updated"}, changed.ID, changed.Name}, nil
}

func (p *Platform) deleteWebhook(r *http.Request, call Call) (any, error) {
	found, err := p.webhook(r, call)
	if err != nil {
		return nil, err
	}
	if err := p.config.Notifications.Remove(r.Context(), call.Actor, call.Workspace, found.ID); err != nil {
		return nil, err
	}
	return thingDone{done{true, "Webhook has been deleted"}, found.ID, found.Name}, nil
}
