// Package webhook tells a customer's address that an integration turned from
// good to bad, or back. It is a [doctor.Notifier].
//
// What is sent holds no secret and proves nothing: it says which integration
// to ask about. A customer chose the address, so it is called by a client of
// package dial.
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

// Notifier delivers turns. It may be used from many goroutines at once.
type Notifier struct{ client *http.Client }

// New returns a notifier. Its client is one for [dial.Webhook].
func New(client *http.Client) *Notifier { return &Notifier{client} }

// Turn is the document that is sent.
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

// Notify posts a turn to the integration's address; without one it does
// nothing. Any answer but a success is an error.
func (n *Notifier) Notify(ctx context.Context, turn doctor.Turn) error {
	i := &turn.Integration
	if i.WebhookURL == "" {
		return nil
	}
	text, err := json.Marshal(Turn{
		Event: "integration.state", Integration: i.ID, Name: i.Name, State: string(i.State), Was: string(turn.Was),
		Reason: i.Reason, Verification: turn.Verification.ID, At: turn.Verification.EndedAt,
	})
	if err != nil {
		return fmt.Errorf("writing what is to be made known: %w", err)
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
		return fmt.Errorf("the webhook of %s answered %s", i.ID, response.Status)
	}
	return nil
}
