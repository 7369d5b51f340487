// Package webhook implements [doctor.Notifier]: it notifies a customer's URL
// when an integration stops or starts working.
//
// The notification contains no secrets and proves nothing: recipients should
// query the integration. Customers choose the URL, so requests go through a
// client of package dial.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/doctor"
)

// Notifier posts turns to webhooks. It is safe for concurrent use.
type Notifier struct{ client *http.Client }

// New returns a notifier. The client must be one for [dial.Webhook].
func New(client *http.Client) *Notifier { return &Notifier{client} }

// Turn is the body of the request.
type Turn struct {
	Event        string    `json:"event"` // always "integration.state"
	Integration  string    `json:"integration"`
	Name         string    `json:"name"`
	State        string    `json:"state"`
	Was          string    `json:"was"`
	Reason       string    `json:"reason,omitempty"`
	Verification string    `json:"verification"`
	At           time.Time `json:"at"`
}

// Notify posts a turn to the integration's webhook. It does nothing if there is
// none. It returns an error unless the response is a success.
func (n *Notifier) Notify(ctx context.Context, turn doctor.Turn) error {
	i, is := &turn.Integration, turn.Integration.Overall()
	if i.WebhookURL == "" {
		return nil
	}
	text, err := json.Marshal(Turn{
		Event: "integration.state", Integration: i.ID, Name: i.Name, State: string(is.State),
		Was: string(turn.Was), Reason: is.Reason, Verification: turn.Verification.ID, At: turn.Verification.EndedAt,
	})
	if err != nil {
		return fmt.Errorf("encoding a turn: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, i.WebhookURL, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("calling the webhook of %s: %w", i.ID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "windlass")
	response, err := n.client.Do(request)
	if err != nil {
		return fmt.Errorf("calling the webhook of %s: %w", i.ID, err)
	}
	_ = response.Body.Close() // not read
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the webhook of %s returned %s", i.ID, response.Status)
	}
	return nil
}
