package config

import (
	"net/mail"
	"net/url"
	"strconv"

	"github.com/windlass-io/windlass/internal/secret"
)

// SMTP is the server that sends e-mails.
type SMTP struct {
	Host     string
	Port     int
	Implicit bool // TLS from the first byte: smtps
	User     string
	Password secret.String
	From     string
}

// Default ports of smtps and smtp: RFC 8314, section 3.3, and RFC 6409, section 3.1.
const (
	submissionsPort = 465
	submissionPort  = 587
)

// Mail returns the server that sends e-mails; ok is false without one.
func (c *Config) Mail() (server SMTP, ok bool) {
	u, err := url.Parse(c.SMTPURL)
	if c.SMTPURL == "" || err != nil || u.Hostname() == "" {
		return SMTP{}, false
	}
	server = SMTP{Host: u.Hostname(), Port: submissionPort, Implicit: u.Scheme == "smtps", From: c.SMTPFrom}
	if server.Implicit {
		server.Port = submissionsPort
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		server.Port = port
	}
	server.User = u.User.Username()
	password, _ := u.User.Password()
	server.Password = secret.New(password)
	return server, true
}

// fillSMTP sets the sender's address from public_url.
func (c *Config) fillSMTP() {
	if u, err := url.Parse(c.PublicURL); err == nil && c.SMTPFrom == "" && c.SMTPURL != "" {
		c.SMTPFrom = "windlass@" + u.Hostname()
	}
}

// checkSMTP validates the server that sends e-mails. A message never has the address,
// which may contain a password.
func (c *Config) checkSMTP(add func(name, message string)) {
	if c.SMTPURL == "" {
		return
	}
	u, err := url.Parse(c.SMTPURL)
	if err != nil || u.Scheme != "smtps" && u.Scheme != "smtp" || u.Hostname() == "" || u.Path != "" && u.Path != "/" ||
		u.RawQuery != "" {
		add("smtp_url", "isn't an address such as smtps://user:password@smtp.example.com:465")
	}
	if _, err := mail.ParseAddress(c.SMTPFrom); err != nil {
		add("smtp_from", "isn't an e-mail address such as windlass@example.com")
	}
}
