package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
)

// Notification is a destination of notifications in the API.
type Notification struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Kind           notification.Kind `json:"kind"                      enum:"webhook,slack,email"`
	URL            string            `json:"url,omitempty"                                        doc:"URL of the webhook. For Slack, only the origin, because the URL is a secret."`
	To             []string          `json:"to,omitempty"                                         doc:"E-mail addresses."`
	Events         []string          `json:"events"                                               doc:"Types such as load.failed, or patterns such as load.*."`
	Datasets       []string          `json:"datasets"                                             doc:"Names. Empty: all. Events that don't belong to a dataset are always sent."`
	Enabled        bool              `json:"enabled"`
	DisabledReason string            `json:"disabled_reason,omitempty"                            doc:"Why Windlass disabled it."`
	FailingSince   time.Time         `json:"failing_since,omitzero"                               doc:"Time of the first failed delivery since the last successful one."`
	Version        int64             `json:"version"`
	CreatedAt      time.Time         `json:"created_at"`
	UpdatedAt      time.Time         `json:"updated_at"`
	Secret         string            `json:"secret,omitempty"                                     doc:"Signing key of a webhook, right after it was created. It isn't shown again."`
}

// NotificationDelivery is one event for one destination, in the API.
type NotificationDelivery struct {
	ID            string             `json:"id"`
	Event         string             `json:"event"                    doc:"ID of the event, as in the header webhook-id."`
	Type          notification.Type  `json:"type"`
	Title         string             `json:"title"`
	Dataset       string             `json:"dataset,omitempty"`
	To            []string           `json:"to,omitempty"             doc:"Recipients other than the destination's: the owners, if it was disabled."`
	State         notification.State `json:"state"                    doc:"left_out: a similar one was just sent, or too many were waiting."         enum:"waiting,sent,failed,left_out"`
	LeftOut       int                `json:"left_out,omitempty"       doc:"Number of similar events that were left out before."`
	Attempts      int                `json:"attempts"`
	Status        int                `json:"status,omitempty"         doc:"HTTP or SMTP status of the last response."`
	Answer        string             `json:"answer,omitempty"         doc:"The first kilobyte of the last response."`
	Error         string             `json:"error,omitempty"          doc:"Why the last attempt failed."`
	NextAttemptAt time.Time          `json:"next_attempt_at,omitzero"`
	AttemptedAt   time.Time          `json:"attempted_at,omitzero"`
	CreatedAt     time.Time          `json:"created_at"`
	EndedAt       time.Time          `json:"ended_at,omitzero"`
}

// InNotification is embedded in the input of every route under a destination.
type InNotification struct {
	InWorkspace
	Notification string `path:"notification" maxLength:"255" doc:"The notification's ID or name."`
}

// Removing a destination affects nothing else, so confirm is never needed.
type confirmNotificationInput struct {
	InNotification
	Confirm
}

type listNotificationsInput struct {
	InWorkspace
	InPage
}

type createNotificationInput struct {
	InWorkspace
	Body struct {
		Name     string            `json:"name,omitempty" maxLength:"255" doc:"Default: generated."`
		Kind     notification.Kind `json:"kind" enum:"webhook,slack,email"`
		URL      string            `json:"url,omitempty" maxLength:"2048" doc:"URL for a webhook or Slack: https, with a public host."`
		To       []string          `json:"to,omitempty" maxItems:"20" doc:"E-mail addresses."`
		Events   []string          `json:"events,omitempty" maxItems:"50" doc:"Default: failed, partial and recovered loads, drift, missed schedules and events, and all events of integrations."`
		Datasets []string          `json:"datasets,omitempty" maxItems:"100" doc:"Names; default: all."`
		Enabled  *bool             `json:"enabled,omitempty" doc:"Default true."`
	}
}

type updateNotificationInput struct {
	InNotification
	Body struct {
		Version  int64     `json:"version,omitempty" doc:"The version that you read. If it has changed, the call fails with a conflict. Default: any."`
		Name     *string   `json:"name,omitempty" maxLength:"255"`
		URL      *string   `json:"url,omitempty" maxLength:"2048"`
		To       *[]string `json:"to,omitempty" maxItems:"20"`
		Events   *[]string `json:"events,omitempty" maxItems:"50"`
		Datasets *[]string `json:"datasets,omitempty" maxItems:"100"`
		Enabled  *bool     `json:"enabled,omitempty"`
	}
}

type listDeliveriesInput struct {
	InNotification
	InPage
}

type rotateNotificationInput struct {
	InNotification
	Leaked bool `query:"leaked" doc:"Earlier keys stop signing at once. It works within 24 hours of another rotation too."`
}

type retryDeliveryInput struct {
	InNotification
	Delivery string `path:"delivery" maxLength:"64"`
}

func (a *API) notificationRoutes() {
	const all, tag = "/v1/workspaces/{ws}/notifications", "Notifications"
	const one = all + "/{notification}"
	route(a, operation("list-notifications", "GET "+all, tag, "List notifications, oldest first"),
		a.listNotifications)
	route(a, operation("create-notification", "POST "+all, tag,
		"Send notifications to a webhook, Slack or e-mail addresses"), a.createNotification)
	route(a, operation("get-notification", "GET "+one, tag, "One notification"), a.getNotification)
	route(a, operation("update-notification", "PATCH "+one, tag, "Change a notification"), a.updateNotification)
	route(a, destructive(operation("delete-notification", "DELETE "+one, tag,
		"Remove a notification and its deliveries")), a.deleteNotification)
	impactRoute(a, "get-notification-impact", one, tag, "Get what stops if it is removed", a.notificationImpact)
	route(a, answering(operation("test-notification", "POST "+one+"/test", tag,
		"Send a test now and get the result")), a.testNotification)
	route(a, answering(operation("rotate-notification", "POST "+one+"/rotate", tag,
		"Create a new signing key; the old one also signs for 24 hours")), a.rotateNotification)
	route(a, operation("list-notification-deliveries", "GET "+one+"/deliveries", tag,
		"List deliveries of the last 30 days, newest first"), a.listDeliveries)
	route(a, answering(operation("retry-notification-delivery", "POST "+one+"/deliveries/{delivery}/retry", tag,
		"Retry a failed or waiting delivery")), a.retryDelivery)
}

func (a *API) listNotifications(ctx context.Context, call Call, in *listNotificationsInput) (
	*body[paging.List[Notification]], error,
) {
	found, err := a.config.Services.Notifications.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Notification]]{mapPage(found, toNotification)}, err
}

func (a *API) createNotification(ctx context.Context, call Call, in *createNotificationInput) (
	*body[Notification], error,
) {
	made, err := a.config.Services.Notifications.Create(ctx, call.Actor, call.Workspace, notification.Draft{
		Name: in.Body.Name, Kind: in.Body.Kind, URL: in.Body.URL, To: in.Body.To, Events: in.Body.Events,
		Datasets: in.Body.Datasets, Disabled: in.Body.Enabled != nil && !*in.Body.Enabled,
	})
	return toCreatedNotification(&made), err
}

func (a *API) getNotification(ctx context.Context, call Call, in *InNotification) (*body[Notification], error) {
	found, err := a.config.Services.Notifications.Get(ctx, call.Actor, call.Workspace, in.Notification)
	return &body[Notification]{toNotification(found)}, err
}

func (a *API) updateNotification(ctx context.Context, call Call, in *updateNotificationInput) (
	*body[Notification], error,
) {
	changed, err := a.config.Services.Notifications.Update(ctx, call.Actor, call.Workspace, in.Notification,
		notification.Change{
			Version: in.Body.Version, Name: in.Body.Name, URL: in.Body.URL, To: in.Body.To, Events: in.Body.Events,
			Datasets: in.Body.Datasets, Enabled: in.Body.Enabled,
		})
	return &body[Notification]{toNotification(changed)}, err
}

func (a *API) notificationImpact(ctx context.Context, call Call, in *InNotification) (impact.Impact, error) {
	return a.config.Services.Notifications.Impact(ctx, call.Actor, call.Workspace, in.Notification)
}

func (a *API) deleteNotification(ctx context.Context, call Call, in *confirmNotificationInput) (*struct{}, error) {
	return nil, a.config.Services.Notifications.Remove(ctx, call.Actor, call.Workspace, in.Notification)
}

func (a *API) testNotification(ctx context.Context, call Call, in *InNotification) (
	*body[NotificationDelivery], error,
) {
	sent, err := a.config.Services.Notifications.Test(ctx, call.Actor, call.Workspace, in.Notification)
	return &body[NotificationDelivery]{toDelivery(sent)}, err
}

func (a *API) rotateNotification(ctx context.Context, call Call, in *rotateNotificationInput) (
	*body[Notification], error,
) {
	rotated, err := a.config.Services.Notifications.Rotate(ctx, call.Actor, call.Workspace, in.Notification, in.Leaked)
	return toCreatedNotification(&rotated), err
}

func (a *API) listDeliveries(ctx context.Context, call Call, in *listDeliveriesInput) (
	*body[paging.List[NotificationDelivery]], error,
) {
	found, err := a.config.Services.Notifications.Deliveries(ctx, call.Actor, call.Workspace, in.Notification,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[NotificationDelivery]]{mapPage(found, toDelivery)}, err
}

func (a *API) retryDelivery(ctx context.Context, call Call, in *retryDeliveryInput) (
	*body[NotificationDelivery], error,
) {
	retried, err := a.config.Services.Notifications.Retry(ctx, call.Actor, call.Workspace, in.Notification, in.Delivery)
	return &body[NotificationDelivery]{toDelivery(retried)}, err
}

func toNotification(d notification.Destination) Notification {
	out := Notification{
		ID: d.ID, Name: d.Name, Kind: d.Kind, URL: d.Address, To: d.To, Events: d.Events, Datasets: d.Datasets,
		Enabled: d.Enabled, DisabledReason: d.DisabledReason, FailingSince: d.FailingSince, Version: d.Version,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
	if out.Datasets == nil {
		out.Datasets = []string{}
	}
	return out
}

func toCreatedNotification(made *notification.Created) *body[Notification] {
	out := toNotification(made.Destination)
	out.Secret = made.Secret.Reveal()
	return &body[Notification]{out}
}

func toDelivery(d notification.Delivery) NotificationDelivery {
	return NotificationDelivery{
		ID: d.ID, Event: d.EventID, Type: d.Type, Title: d.Title, Dataset: d.Dataset, To: d.Recipients, State: d.State,
		LeftOut: d.LeftOut, Attempts: d.Attempts, Status: d.Status, Answer: d.Answer, Error: d.Fault,
		NextAttemptAt: d.NextAt, AttemptedAt: d.AttemptedAt, CreatedAt: d.CreatedAt, EndedAt: d.EndedAt,
	}
}
