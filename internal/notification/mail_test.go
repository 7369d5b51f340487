package notification_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"mime"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/mail"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

// postOffice is a real SMTP server.
type postOffice struct {
	host string
	port int

	mu      sync.Mutex
	letters []letter
	refuse  error  // every recipient, or
	only    string // this one
	auth    []string
}

type letter struct {
	from string
	to   []string
	text string
}

// session is the session of one connection.
type session struct {
	office *postOffice
	letter letter
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.letter = letter{from: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.letter.to = append(s.letter.to, to)
	if s.office.only != "" && s.office.only != to {
		return nil
	}
	return s.office.refuse
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.letter.text = string(text)
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.office.letters = append(s.office.letters, s.letter)
	return err
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.office.mu.Lock()
		defer s.office.mu.Unlock()
		s.office.auth = append(s.office.auth, user+" "+password)
		return nil
	}), nil
}

// openPostOffice runs an SMTP server; with a configuration, it requires TLS.
func openPostOffice(t *testing.T, config *tls.Config) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{host: "127.0.0.1", port: listener.Addr().(*net.TCPAddr).Port}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	server := smtp.NewServer(
		smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{office: p}, nil }),
	)
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // the server has no listener to close until it serves
		<-done
	})
	return p
}

func (p *postOffice) all() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letter{}, p.letters...)
}

func (p *postOffice) signedIn() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.auth)
}

func (p *postOffice) refuses(err error, only ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse, p.only = err, strings.Join(only, "")
}

// carrier returns the settings of a carrier for the server.
func (p *postOffice) carrier(change ...func(*mail.Config)) func(*notification.Config) {
	config := mail.Config{
		Host: p.host, Port: p.port, From: "windlass@example.com", Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	return func(c *notification.Config) { c.Carriers[notification.Email] = mail.New(config) }
}

// TestEmail sends an e-mail as text and HTML, retries after a 4xx reply and gives up
// after a 5xx one.
func TestEmail(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := openPostOffice(t, nil)
		o := openOffice(t, s, p.carrier())
		o.create(t, notification.Draft{
			Name: "mail", Kind: notification.Email, To: []string{"ops@example.com", "eve@example.org"},
		})
		p.refuses(&smtp.SMTPError{Code: 450, Message: "busy"})
		o.end(t, "orders", func(l *load.Load) { failed(l); l.Fault = "<b>No</b>\r\nBcc: evil@example.com" })
		o.send(t)
		d := o.deliveries(t, "mail")[0]
		if d.State != notification.Waiting || d.Status != 450 || d.Fault != "The mail server returned 450." {
			t.Errorf("after 450: %+v", d)
		}
		p.refuses(nil)
		o.clock.advance(time.Minute)
		o.send(t)
		all := p.all()
		if len(all) != 1 || strings.Join(all[0].to, " ") != "ops@example.com eve@example.org" ||
			all[0].from != "windlass@example.com" {
			t.Fatalf("%+v", all)
		}
		message, err := netmail.ReadMessage(strings.NewReader(all[0].text))
		if err != nil {
			t.Fatal(err)
		}
		subject, _ := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		d = o.deliveries(t, "mail")[0]
		if subject != "[windlass] Load of orders failed" || message.Header.Get("Bcc") != "" ||
			message.Header.Get("Message-Id") != "<"+d.EventID+"@example.com>" ||
			!strings.HasPrefix(message.Header.Get("Content-Type"), "multipart/alternative") {
			t.Errorf("headers %v", message.Header)
		}
		for _, part := range []string{
			"text/plain", "text/html", "&lt;b&gt;No&lt;/b&gt;", "https://windlass.example.com/loads/load_1",
		} {
			if !strings.Contains(strings.ReplaceAll(all[0].text, "=\r\n", ""), part) {
				t.Errorf("the e-mail lacks %q:\n%s", part, all[0].text)
			}
		}
		p.refuses(&smtp.SMTPError{Code: 550, Message: "no such user"})
		o.end(t, "invoices", failed)
		o.send(t)
		if d := o.deliveries(t, "mail")[0]; d.State != notification.Failed || d.Attempts != 1 || d.Status != 550 ||
			!strings.Contains(d.Answer, "no such user") {
			t.Errorf("after 550: %+v", d)
		}
	})
}

// TestRefusedRecipient sends an e-mail to the recipients that the server accepts, and
// reports the refused ones.
func TestRefusedRecipient(t *testing.T) {
	t.Parallel()
	p := openPostOffice(t, nil)
	o := openOffice(t, storetest.Open(t), p.carrier())
	o.create(t, notification.Draft{
		Name: "mail", Kind: notification.Email, To: []string{"ops@example.com", "gone@example.com", "eve@example.org"},
	})
	p.refuses(&smtp.SMTPError{Code: 550, Message: "no such user"}, "gone@example.com")
	o.end(t, "orders", failed)
	o.send(t)
	var to []string
	for _, one := range p.all() {
		to = append(to, one.to...)
	}
	d := o.deliveries(t, "mail")[0]
	if !slices.Equal(to, []string{"ops@example.com", "eve@example.org"}) || d.State != notification.Sent ||
		!strings.HasPrefix(d.Answer, "Not sent to gone@example.com. ") || !strings.Contains(d.Answer, "no such user") {
		t.Errorf("to %q, %+v", to, d)
	}
}

// TestOwnersAreTold sends the owners an e-mail when a webhook is disabled.
func TestOwnersAreTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p, r := openPostOffice(t, nil), newReceiver(t)
		o := openOffice(t, s, p.carrier())
		for email, role := range map[string]access.Role{
			"own@example.com": access.Owner, "ed@example.com": access.Editor,
		} {
			err := s.InsertMember(t.Context(), workspace.Member{
				ID: "mem_" + email[:2], Workspace: o.workspace, Email: email, Role: role, CreatedAt: o.clock.Now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		r.answers(410)
		o.end(t, "orders", failed)
		o.send(t)
		all := p.all()
		if len(all) != 1 || strings.Join(all[0].to, " ") != "own@example.com" ||
			!strings.Contains(all[0].text, "Subject: [windlass] Notification ops was disabled") ||
			!strings.Contains(strings.ReplaceAll(all[0].text, "=\r\n", ""), "example.com/notifications/ntf_") {
			t.Errorf("%+v", all)
		}
	})
}

// TestMailServers sends through servers with TLS, and not through those that can't be
// trusted.
func TestMailServers(t *testing.T) {
	t.Parallel()
	certified := newReceiverTLS(t)
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	secure := openPostOffice(t, &tls.Config{Certificates: certified.TLS.Certificates})
	plain := openPostOffice(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := &postOffice{host: "127.0.0.1", port: closed.Addr().(*net.TCPAddr).Port}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		office *postOffice
		change func(*mail.Config)
		want   error
	}{
		"TLS": {secure, func(c *mail.Config) {
			c.Implicit, c.RootCAs, c.User, c.Password = true, roots, "windlass", secret.New("pass word")
		}, nil},
		"password without TLS": {plain, func(c *mail.Config) { c.User = "windlass" }, errSend},
		"unknown certificate":  {secure, func(c *mail.Config) { c.Implicit = true }, errSend},
		"no TLS":               {plain, func(c *mail.Config) { c.Implicit = true }, errSend},
		"nobody":               {nobody, func(*mail.Config) {}, errSend},
		"plain, this machine":  {plain, func(*mail.Config) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openOffice(t, storetest.Open(t), test.office.carrier(test.change))
			o.create(t, notification.Draft{Name: "mail", Kind: notification.Email, To: []string{"ops@example.com"}})
			d, err := o.Test(t.Context(), o.admin, o.workspace, "mail")
			if auth := test.office.signedIn(); test.want == nil && test.office == secure &&
				!slices.Equal(auth, []string{"windlass pass word"}) {
				t.Errorf("signed in as %q", auth)
			}
			if err != nil || (d.State == notification.Sent) != (test.want == nil) ||
				strings.Contains(d.Fault, "127.0.0.1") {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

var errSend = errors.New("it can't be sent")

// TestRecipients refuses texts that aren't e-mail addresses.
func TestRecipients(t *testing.T) {
	t.Parallel()
	o := openOffice(t, storetest.Open(t), openPostOffice(t, nil).carrier())
	for _, to := range []string{
		"", "ops", "ops@example.com\r\nBcc: a@b.example", "Ops <ops@example.com>", "a@b.example, c@d.example",
		strings.Repeat("a", 300) + "@example.com", "\"a b\"@example.com",
	} {
		_, err := o.Create(
			t.Context(),
			o.admin,
			o.workspace,
			notification.Draft{Kind: notification.Email, To: []string{to}},
		)
		if err == nil {
			t.Errorf("%q is taken", to)
		}
	}
	_, err := o.Create(t.Context(), o.admin, o.workspace, notification.Draft{
		Kind: notification.Email, To: make([]string, 21),
	})
	if err == nil {
		t.Error("21 addresses are taken")
	}
}
