// Package webhook tells a customer's address that an integration turned from
// good to bad, or back. It is a [doctor.Notifier].
//
// What is sent holds no secret and proves nothing: it says which integration
// to ask about. An address is a customer's word, so it is called as a stranger
// would call it: not on the service's own machine or network, without a
// redirect, and what it answers is not read.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/windlass-io/windlass/internal/doctor"
)

const timeout = 10 * time.Second // of one delivery

// Config is what a [Notifier] needs.
type Config struct {
	Private bool // also call addresses of the own machine and network; off for a service that strangers use
}

// Notifier delivers turns. It may be used from many goroutines at once.
type Notifier struct{ client *http.Client }

// New makes a notifier.
func New(config Config) *Notifier {
	dialer := &net.Dialer{Timeout: timeout}
	if !config.Private {
		dialer.Control = refusePrivate
	}
	return &Notifier{&http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

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

// refusePrivate judges the address that is called, after its name was looked
// up.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %q: %w", address, err)
	}
	ip := to.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedAddresses.Contains(ip) {
		return fmt.Errorf("%s is on the service's own machine or network", ip)
	}
	return nil
}

// sharedAddresses are a carrier's own (RFC 6598), which some clouds use for
// their metadata.
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")
