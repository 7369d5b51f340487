package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Notification is a destination of notifications.
type Notification struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	Kind           string    `json:"kind"`          // webhook, slack or email
	URL            string    `json:"url,omitempty"` // of Slack only the origin
	To             []string  `json:"to,omitempty"`
	Events         []string  `json:"events"`   // types such as load.failed, or patterns such as load.*
	Datasets       []string  `json:"datasets"` // names; none: all
	Enabled        bool      `json:"enabled"`
	DisabledReason string    `json:"disabled_reason,omitempty"` // why the service disabled it
	FailingSince   time.Time `json:"failing_since,omitzero"`
	Version        int64     `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	Secret         string    `json:"secret,omitempty"` // of a new webhook only
}

// NotificationDelivery is one event for one notification.
type NotificationDelivery struct {
	ID            string    `json:"id"`
	Event         string    `json:"event"` // ID, as in the header webhook-id
	Type          string    `json:"type"`
	Title         string    `json:"title"`
	Dataset       string    `json:"dataset,omitempty"`
	To            []string  `json:"to,omitempty"` // others than the notification's
	State         string    `json:"state"`        // waiting, sent, failed or left_out
	LeftOut       int       `json:"left_out,omitempty"`
	Attempts      int       `json:"attempts"`
	Status        int       `json:"status,omitempty"` // of the last response: HTTP or SMTP
	Answer        string    `json:"answer,omitempty"` // its first kilobyte
	Error         string    `json:"error,omitempty"`
	NextAttemptAt time.Time `json:"next_attempt_at,omitzero"`
	AttemptedAt   time.Time `json:"attempted_at,omitzero"`
	CreatedAt     time.Time `json:"created_at"`
	EndedAt       time.Time `json:"ended_at,omitzero"`
}

// NotificationSpec describes a new notification.
type NotificationSpec struct {
	Name     string   `json:"name,omitempty"`
	Kind     string   `json:"kind"`
	URL      string   `json:"url,omitempty"` // of webhook and slack
	To       []string `json:"to,omitempty"`  // of email
	Events   []string `json:"events,omitempty"`
	Datasets []string `json:"datasets,omitempty"`
	Enabled  *bool    `json:"enabled,omitempty"`
}

// NotificationChange is a change to a notification; nil fields stay as they are.
type NotificationChange struct {
	Version  int64     `json:"version,omitempty"` // that was read; 0: any
	Name     *string   `json:"name,omitempty"`
	URL      *string   `json:"url,omitempty"`
	To       *[]string `json:"to,omitempty"`
	Events   *[]string `json:"events,omitempty"`
	Datasets *[]string `json:"datasets,omitempty"`
	Enabled  *bool     `json:"enabled,omitempty"`
}

// CreateNotification creates a notification. Secret of a webhook isn't shown again.
func (c *Client) CreateNotification(ctx context.Context, spec NotificationSpec) (Notification, error) {
	return ask[Notification](ctx, c, http.MethodPost, c.in("notifications"), nil, spec)
}

// Notifications lists notifications, oldest first.
func (c *Client) Notifications(ctx context.Context, options PageOptions) (Page[Notification], error) {
	return ask[Page[Notification]](ctx, c, http.MethodGet, c.in("notifications"), options.query(), nil)
}

// Notification returns a notification by its ID or name.
func (c *Client) Notification(ctx context.Context, idOrName string) (Notification, error) {
	return ask[Notification](ctx, c, http.MethodGet, c.in("notifications", idOrName), nil, nil)
}

// UpdateNotification changes a notification.
func (c *Client) UpdateNotification(ctx context.Context, idOrName string, change NotificationChange) (
	Notification, error,
) {
	return ask[Notification](ctx, c, http.MethodPatch, c.in("notifications", idOrName), nil, change)
}

// NotificationImpact returns what stops working if a notification is removed.
func (c *Client) NotificationImpact(ctx context.Context, idOrName string) (Impact, error) {
	return ask[Impact](ctx, c, http.MethodGet, c.in("notifications", idOrName, "impact"), nil, nil)
}

// RemoveNotification removes a notification and its deliveries. See [Impact] for
// confirm.
func (c *Client) RemoveNotification(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "notifications", idOrName)
}

// TestNotification sends a test and returns the result.
func (c *Client) TestNotification(ctx context.Context, idOrName string) (NotificationDelivery, error) {
	return ask[NotificationDelivery](ctx, c, http.MethodPost, c.in("notifications", idOrName, "test"), nil, nil)
}

// RotateNotification creates a new signing key for a webhook. The old one also signs
// for 24 hours, unless it leaked: then only the new one signs.
func (c *Client) RotateNotification(ctx context.Context, idOrName string, leaked bool) (Notification, error) {
	query := url.Values{}
	if leaked {
		query.Set("leaked", "true")
	}
	return ask[Notification](ctx, c, http.MethodPost, c.in("notifications", idOrName, "rotate"), query, nil)
}

// NotificationDeliveries lists the deliveries of the last 30 days, newest first.
func (c *Client) NotificationDeliveries(ctx context.Context, idOrName string, options PageOptions) (
	Page[NotificationDelivery], error,
) {
	return ask[Page[NotificationDelivery]](ctx, c, http.MethodGet, c.in("notifications", idOrName, "deliveries"),
		options.query(), nil)
}

// RetryNotificationDelivery sends a failed or waiting delivery again.
func (c *Client) RetryNotificationDelivery(ctx context.Context, idOrName, deliveryID string) (
	NotificationDelivery, error,
) {
	return ask[NotificationDelivery](ctx, c, http.MethodPost,
		c.in("notifications", idOrName, "deliveries", deliveryID, "retry"), nil, nil)
}
