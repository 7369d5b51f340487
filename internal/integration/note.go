package integration

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
)

// note records the result of an act in the audit, with the integration's ID.
// The decision before it may have a name instead, or nothing for a new
// integration.
func (s *Service) note(
	ctx context.Context, actor access.Actor, action access.Action, i *Integration, what string,
) error {
	if s.config.Notes == nil {
		return nil
	}
	resource := access.Resource{Workspace: i.Workspace, Kind: "integration", ID: i.ID}
	if err := s.config.Notes.Note(ctx, audit.NoteOf(s.config.Now(), actor, action, resource, what)); err != nil {
		return problem.Wrap(err, problem.Unavailable,
			"The integration %s is saved, but the audit log couldn't record the change.", quoted(i.Name)).
			WithHint("Check the integration before you try again.")
	}
	return nil
}

// describe describes a new integration.
func describe(i *Integration) string {
	role := cmp.Or(string(i.RoleARN), "no role yet")
	return fmt.Sprintf("Created %s with %s: %s.", quoted(i.Name), role, i.scope())
}

// describeChanges describes the changes of an integration.
func describeChanges(before, after *Integration) string {
	var changes []string
	add := func(was, is, format string) {
		if was != is {
			changes = append(changes, fmt.Sprintf(format, is))
		}
	}
	add(before.Name, after.Name, "the name to %q")
	add(string(before.RoleARN), string(after.RoleARN), "the role to %s")
	add(before.scope(), after.scope(), "the scope to %s")
	add(strings.Join(before.KMSKeyARNs, ", "), strings.Join(after.KMSKeyARNs, ", "), "the KMS keys to %q")
	add(before.Region, after.Region, "the region to %q")
	add(before.Endpoint, after.Endpoint, "the endpoint to %q")
	add(before.SessionLength.String(), after.SessionLength.String(), "the session length to %s")
	add(onOff(before.RequesterPays), onOff(after.RequesterPays), "requester pays to %s")
	add(onOff(before.Vending), onOff(after.Vending), "vending to %s")
	add(onOff(before.State == Disabled), onOff(after.State == Disabled), "disabled to %s")
	if before.WebhookURL != after.WebhookURL { // the URL may contain a secret
		changes = append(changes, "the webhook")
	}
	if len(changes) == 0 {
		return "Changed nothing."
	}
	return "Changed " + strings.Join(changes, ", ") + "."
}

// scope returns access and locations: "read at s3://a/, s3://b/c/".
func (i *Integration) scope() string {
	addresses := make([]string, len(i.Locations))
	for n, l := range i.Locations {
		addresses[n] = l.String()
	}
	return fmt.Sprintf("%s at %s", i.Access, cmp.Or(strings.Join(addresses, ", "), "no location"))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
