// Package webhook sends notifications over HTTP: signed according to Standard
// Webhooks 1.0.0, or as text for Slack and compatible services.
//
// Members choose the addresses, so requests go through a client of package dial.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Signed posts signed events. It is safe for concurrent use.
type Signed struct{ client *http.Client }

// NewSigned returns a carrier of signed events. The client must be one for
// [dial.Notification].
func NewSigned(client *http.Client) *Signed { return &Signed{client} }

// body is the body of a request.
type body struct {
	Type      notification.Type `json:"type"`
	Timestamp time.Time         `json:"timestamp"`
	Data      map[string]any    `json:"data"`
}

// Send posts an event. Its body is the same at each attempt.
func (s *Signed) Send(ctx context.Context, m *notification.Message) notification.Receipt {
	e := &m.Event
	text, err := encode(body{e.Type, e.At.UTC(), map[string]any{
		"workspace": m.Workspace, e.Name: e.Object, "url": m.URL,
	}})
	if err == nil && len(text) > notification.MaxBody {
		text, err = encode(body{e.Type, e.At.UTC(), map[string]any{
			"workspace": m.Workspace, "url": m.URL, e.Name: map[string]any{"id": e.Object["id"], "truncated": true},
		}})
	}
	if err != nil {
		return notification.Receipt{Fault: "The event can't be written as JSON.", Permanent: true}
	}
	timestamp := strconv.FormatInt(m.At.Unix(), 10)
	return post(ctx, s.client, m, text, http.Header{
		"Webhook-Id":        {e.ID},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {Signature(m.Keys, e.ID, timestamp, text)},
	})
}

// encode writes JSON without escapes for HTML.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Signature returns the value of the header webhook-signature: a signature by each
// key, with blanks between.
func Signature(keys []secret.String, id, timestamp string, text []byte) string {
	var all []string
	for _, k := range keys {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(k.Reveal(), "whsec_"))
		if err != nil {
			continue // it isn't a valid key, so nobody could verify with it
		}
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(id + "." + timestamp + "."))
		_, _ = mac.Write(text)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// Slack posts events as text. It is safe for concurrent use.
type Slack struct{ client *http.Client }

// NewSlack returns a carrier for incoming webhooks of Slack, Mattermost and Rocket.Chat.
// The client must be one for [dial.Notification].
func NewSlack(client *http.Client) *Slack { return &Slack{client} }

// maxSlack limits the characters of a text.
const maxSlack = 3000

// escape escapes Slack's special characters.
//
// https://docs.slack.dev/messaging/formatting-message-text/#escaping
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Send posts an event.
func (s *Slack) Send(ctx context.Context, m *notification.Message) notification.Receipt {
	text, err := encode(map[string]string{"text": slackText(m)})
	if err != nil {
		return notification.Receipt{Fault: "The event can't be written as JSON.", Permanent: true}
	}
	return post(ctx, s.client, m, text, http.Header{})
}

// slackText returns the text: title, details and the address of the page, which is
// kept if the details don't fit.
func slackText(m *notification.Message) string {
	lines := []string{m.Event.Title}
	if m.LeftOut > 0 {
		lines[0] += fmt.Sprintf(" (%d more since the last message)", m.LeftOut)
	}
	lines = append(lines, m.Event.Detail...)
	left := maxSlack - len([]rune(escape.Replace(m.URL))) - 1
	var out strings.Builder
	for _, line := range lines {
		escaped := escape.Replace(line)
		n := len([]rune(escaped)) + 1
		if n > left {
			break
		}
		left -= n
		out.WriteString(escaped + "\n")
	}
	return out.String() + escape.Replace(m.URL)
}

// post posts JSON and reads the beginning of the response.
func post(ctx context.Context, client *http.Client, m *notification.Message, text []byte, header http.Header,
) notification.Receipt {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Address.Reveal(), bytes.NewReader(text))
	if err != nil {
		return notification.Receipt{
			Fault:     "The address isn't a URL.",
			Permanent: true,
		} // err has the address, a secret
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "windlass")
	response, err := client.Do(request)
	if err != nil {
		return notification.Receipt{Fault: faultOf(ctx, err)}
	}
	defer func() { _ = response.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, notification.MaxAnswer)) // as much as arrived
	receipt := notification.Receipt{
		Status:     response.StatusCode,
		Answer:     strings.TrimSpace(printable(clip.To(string(answer), notification.MaxAnswer))),
		Gone:       response.StatusCode == http.StatusGone,
		RetryAfter: retryAfter(response.Header.Get("Retry-After"), m.At),
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		receipt.Fault = fmt.Sprintf("The address returned %d %s.", response.StatusCode,
			http.StatusText(response.StatusCode))
	}
	return receipt
}

// printable drops control characters other than line breaks and tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// faultOf returns why there was no response, without the address.
func faultOf(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "The address didn't respond within 15 s."
	}
	return problem.From(err).Message
}

// retryAfter parses the header Retry-After: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
