package integration

import (
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
)

// done keeps in the audit what came of an act, under the integration's ID. The
// decision that stands before it has what the caller named: a name that may be
// another's tomorrow, and nothing at all for a new integration.
func (s *Service) done(ctx context.Context, actor access.Actor, action access.Action, i *Integration, what string) error {
	if s.config.Notes == nil {
		return nil
	}
	resource := access.Resource{Workspace: i.Workspace, Kind: "integration", ID: i.ID}
	if err := s.config.Notes.Note(ctx, audit.NoteOf(s.config.Now(), actor, action, resource, what)); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The integration %s is saved, and the audit could not keep what was done.", quoted(i.Name)).
			WithHint("Look at the integration before you try again.")
	}
	return nil
}

// madeOf tells what was made.
func madeOf(i *Integration) string {
	return fmt.Sprintf("Made %s for %s: %s.", quoted(i.Name), orNone(string(i.RoleARN), "a role to come"), i.opens())
}

// changesOf tells what an edit changed.
func changesOf(before, after *Integration) string {
	var changes []string
	add := func(was, is, format string) {
		if was != is {
			changes = append(changes, fmt.Sprintf(format, is))
		}
	}
	add(before.Name, after.Name, "the name to %q")
	add(string(before.RoleARN), string(after.RoleARN), "the role to %s")
	add(before.opens(), after.opens(), "what it opens to %s")
	add(strings.Join(before.KMSKeyARNs, ", "), strings.Join(after.KMSKeyARNs, ", "), "the KMS keys to %q")
	add(before.Region, after.Region, "the region to %q")
	add(before.Endpoint, after.Endpoint, "the endpoint to %q")
	add(before.SessionLength.String(), after.SessionLength.String(), "the length of sessions to %s")
	add(onOff(before.RequesterPays), onOff(after.RequesterPays), "requester pays to %s")
	add(onOff(before.Vending), onOff(after.Vending), "vending to %s")
	add(onOff(before.State != Disabled), onOff(after.State != Disabled), "the switch to %s")
	if before.WebhookURL != after.WebhookURL { // its address may have a secret in it
		changes = append(changes, "the webhook")
	}
	if len(changes) == 0 {
		return "Changed nothing."
	}
	return "Changed " + strings.Join(changes, ", ") + "."
}

// opens is what the integration is for: "read at s3://a/, s3://b/c/".
func (i *Integration) opens() string {
	addresses := make([]string, len(i.Locations))
	for n, l := range i.Locations {
		addresses[n] = l.String()
	}
	return fmt.Sprintf("%s at %s", i.Access, orNone(strings.Join(addresses, ", "), "no location"))
}

func orNone(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
