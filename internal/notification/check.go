package notification

import (
	"errors"
	"net/mail"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/label"
	"github.com/windlass-io/windlass/internal/problem"
)

const (
	maxDatasets = 100
	maxAddress  = 254 // bytes of an e-mail address: RFC 5321, section 4.5.3.1.3
)

func invalid(path, message string) error {
	return problem.New(problem.Invalid, "The notification is invalid: %s: %s.", path, message).
		WithFindings(problem.Finding{Path: path, Message: message})
}

// complete validates a destination, and sets its address. url is empty when it
// doesn't change.
func (s *Service) complete(d *Destination, secrets *Secrets, url string) error {
	var found []problem.Finding
	add := func(path, message string) { found = append(found, problem.Finding{Path: path, Message: message}) }
	if d.Name == "" || !label.Valid(d.Name) {
		add("name", "is empty, longer than 255 bytes, or has characters that aren't printable")
	}
	switch {
	case !slices.Contains(Kinds(), d.Kind):
		add("kind", "isn't webhook, slack or email")
	case d.Kind == Email && s.config.Carriers[Email] == nil:
		add("kind", "can't be email: no SMTP server is configured; the operator must set smtp_url")
	case d.Kind == Email && url != "":
		add("url", "is for webhook and slack; set to")
	case d.Kind == Email:
		checkRecipients(d, add)
	case len(d.To) > 0:
		add("to", "is for email; set url")
	case url == "" && d.Address == "":
		add("url", "is missing; use, for example, https://example.com/hook")
	case url != "":
		s.setURL(d, secrets, url, add)
	}
	d.Events = checkEvents(d.Events, add)
	if len(d.Datasets) > maxDatasets {
		add("datasets", "has more than 100 names")
	}
	for _, name := range d.Datasets {
		if fault := dataset.NameFault(name); fault != "" {
			add("datasets", clip.Quote(name, maxQuoted)+" "+fault)
			break
		}
	}
	if len(found) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The notification is invalid: %s: %s.", found[0].Path,
		strings.TrimSuffix(found[0].Message, ".")).WithFindings(found...)
}

const maxQuoted = 80

// setURL sets the address of a webhook, or the secret URL of Slack.
func (s *Service) setURL(d *Destination, secrets *Secrets, url string, add func(path, message string)) {
	if err := s.config.CheckURL(url); err != nil {
		message := "isn't an address such as https://example.com/hook"
		if refused, ok := errors.AsType[*dial.EndpointError](err); ok {
			message = strings.TrimSuffix(refused.Detail, ".") // without the address, which may be a secret
		}
		add("url", message)
		return
	}
	if d.Kind == Webhook {
		d.Address = url
		return
	}
	secrets.URL = url
	scheme, rest, _ := strings.Cut(url, "://")
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		rest = rest[:i]
	}
	d.Address = scheme + "://" + rest + "/…"
}

// checkRecipients validates the e-mail addresses. They have no display names.
func checkRecipients(d *Destination, add func(path, message string)) {
	if len(d.To) == 0 || len(d.To) > MaxRecipients {
		add("to", "has no address, or more than 20")
	}
	for _, to := range d.To {
		parsed, err := mail.ParseAddress(to)
		if err != nil || parsed.Address != to || len(to) > maxAddress || strings.ContainsAny(to, "\r\n\"") {
			add("to", clip.Quote(to, maxQuoted)+" isn't an e-mail address such as ops@example.com")
			return
		}
	}
}

// checkEvents validates types and patterns, and returns them without repeats.
func checkEvents(events []string, add func(path, message string)) []string {
	if len(events) == 0 {
		add("events", "is empty; use types such as load.failed, or load.*")
	}
	var kept []string
	for _, pattern := range events {
		known := slices.ContainsFunc(Types(), func(t Type) bool { return matches(pattern, t) })
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok && prefix != "" && !strings.HasSuffix(prefix, ".") {
			known = false
		}
		if !known {
			add(
				"events",
				clip.Quote(pattern, maxQuoted)+" isn't a type such as load.failed, or a pattern such as load.*",
			)
			break
		}
		if !slices.Contains(kept, pattern) {
			kept = append(kept, pattern)
		}
	}
	return kept
}
