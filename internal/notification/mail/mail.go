// Package mail sends notifications by e-mail through the operator's SMTP server.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Config configures a [Carrier]. Every field without "optional" is required.
type Config struct {
	Host     string
	Port     int
	Implicit bool // TLS from the first byte; else STARTTLS, which is optional only for a host on this machine
	User     string
	Password secret.String
	From     string
	Logger   *slog.Logger
	RootCAs  *x509.CertPool // optional: the system's
}

// Carrier sends e-mails. It is safe for concurrent use.
type Carrier struct{ config Config }

// New returns a carrier. It doesn't connect.
func New(config Config) *Carrier { return &Carrier{config} }

// Send sends an event to all recipients in one e-mail, or one e-mail to each if the
// server refuses a recipient. The Message-ID is the same in each attempt. If anyone was
// reached, the event counts as sent, and the receipt names the recipients that weren't
// reached.
func (c *Carrier) Send(ctx context.Context, m *notification.Message) notification.Receipt {
	message, err := c.write(m)
	if err != nil {
		return notification.Receipt{Fault: "The e-mail can't be written: an address is invalid.", Permanent: true}
	}
	client, err := c.client()
	if err != nil {
		return c.failed(ctx, err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil && !message.IsDelivered() {
		var fault *mail.SendError
		if errors.As(err, &fault) && fault.Reason == mail.ErrSMTPRcptTo && len(m.To) > 1 {
			return c.sendEach(ctx, m)
		}
		return c.failed(ctx, err)
	}
	return notification.Receipt{Status: 250, Answer: printable(message.ServerResponse())}
}

// sendEach sends an event to each recipient in a separate e-mail, so that a refused
// recipient doesn't affect the others.
func (c *Carrier) sendEach(ctx context.Context, m *notification.Message) notification.Receipt {
	messages := make([]*mail.Msg, len(m.To))
	for i, to := range m.To {
		copied := *m
		copied.To = []string{to}
		var err error
		if messages[i], err = c.write(&copied); err != nil {
			return notification.Receipt{Fault: "The e-mail can't be written: an address is invalid.", Permanent: true}
		}
	}
	client, err := c.client()
	if err != nil {
		return c.failed(ctx, err)
	}
	err = client.DialAndSendWithContext(ctx, messages...)
	receipt := notification.Receipt{Permanent: true}
	var missed []string
	answer := ""
	for i, message := range messages {
		if message.IsDelivered() {
			answer = message.ServerResponse()
			continue
		}
		missed = append(missed, m.To[i])
		fault := message.SendError()
		if fault == nil {
			fault = err
		}
		if failed := c.failed(ctx, fault); receipt.Permanent { // one that may be tried again decides
			receipt = failed
		}
	}
	if len(missed) == len(messages) {
		return receipt
	}
	if len(missed) > 0 {
		answer = "Not sent to " + strings.Join(missed, ", ") + ". " + receipt.Answer
	}
	return notification.Receipt{Status: 250, Answer: printable(answer)}
}

// failed converts an error to a receipt. A reply of 500 or above is final.
func (c *Carrier) failed(ctx context.Context, err error) notification.Receipt {
	c.config.Logger.WarnContext(ctx, telemetry.MailNotSent, "host", c.config.Host, "cause", err)
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() > 0 {
		return notification.Receipt{
			Status: refused.ErrorCode(), Answer: printable(refused.Error()),
			Fault:     fmt.Sprintf("The mail server returned %d.", refused.ErrorCode()),
			Permanent: refused.ErrorCode() >= 500 && refused.Reason != mail.ErrConnCheck,
		}
	}
	if ctx.Err() != nil {
		return notification.Receipt{Fault: "The mail server didn't respond within 15 s."}
	}
	return notification.Receipt{
		Fault: "Windlass can't send through the mail server. Your operator can find the cause in the log.",
	}
}

// printable returns the beginning of a reply without control characters.
func printable(s string) string {
	return clip.To(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s), notification.MaxAnswer)
}

func (c *Carrier) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(c.config.Port), mail.WithoutNoop(),
		mail.WithTLSConfig(&tls.Config{
			ServerName: c.config.Host, MinVersion: tls.VersionTLS12, RootCAs: c.config.RootCAs,
		}),
	}
	switch {
	case c.config.Implicit:
		options = append(options, mail.WithSSL())
	case isLocal(c.config.Host):
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.config.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.config.User),
			mail.WithPassword(c.config.Password.Reveal()))
	}
	return mail.NewClient(c.config.Host, options...)
}

func isLocal(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (c *Carrier) write(m *notification.Message) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := message.From(c.config.From); err != nil {
		return nil, err
	}
	if err := message.To(m.To...); err != nil {
		return nil, err
	}
	title := m.Event.Title
	if m.LeftOut > 0 {
		title += fmt.Sprintf(" (%d more since the last message)", m.LeftOut)
	}
	message.Subject("[windlass] " + oneLine(title))
	message.SetMessageIDWithValue(m.Event.ID + "@" + c.domain())
	message.SetDateWithValue(m.Event.At)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: prevents automatic replies
	content := page{Title: title, Detail: m.Event.Detail, URL: m.URL, Workspace: m.Workspace}
	message.SetBodyString(mail.TypeTextPlain, content.plain())
	var html bytes.Buffer
	if err := htmlPage.Execute(&html, content); err != nil {
		return nil, err
	}
	message.AddAlternativeString(mail.TypeTextHTML, html.String())
	return message, nil
}

// domain returns the domain of the sender.
func (c *Carrier) domain() string {
	if address, err := netmail.ParseAddress(c.config.From); err == nil {
		if _, domain, ok := strings.Cut(address.Address, "@"); ok {
			return domain
		}
	}
	return c.config.Host
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// page has the contents of an e-mail.
type page struct {
	Title     string
	Detail    []string
	URL       string
	Workspace string
}

func (p page) plain() string {
	lines := append([]string{p.Title, ""}, p.Detail...)
	return strings.Join(append(lines, "", p.URL, "", "Sent by Windlass for workspace "+p.Workspace+"."), "\n") + "\n"
}

var htmlPage = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="en"><body style="font-family: sans-serif; line-height: 1.5">
<h1 style="font-size: 1.2em">{{.Title}}</h1>
{{range .Detail}}<p style="margin: 0 0 .5em">{{.}}</p>
{{end}}<p><a href="{{.URL}}">Open in Windlass</a></p>
<p style="color: #666; font-size: .9em">Sent by Windlass for workspace {{.Workspace}}.</p>
</body></html>
`))
