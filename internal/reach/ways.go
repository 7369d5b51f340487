package reach

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/workspace"
)

// anybody stands for a user's ID in a prefix when every user is meant.
const anybody = "USER"

// every walks a list to its end.
func every[T any](list func(paging.Request) (paging.List[T], error)) ([]T, error) {
	var all []T
	request := paging.Request{Limit: 1000}
	for {
		found, err := list(request)
		if err != nil {
			return nil, err
		}
		all = append(all, found.Items...)
		if found.Next == "" {
			return all, nil
		}
		request.Cursor = found.Next
	}
}

// ways gives every way of a workspace, before it is judged. What is for every
// member is put for the one whose ID is given, when one is.
func (s *Service) ways(ctx context.Context, actor access.Actor, workspaceID, member string) ([]candidate, error) {
	integrations, err := s.integrations(ctx, actor, workspaceID)
	if err != nil {
		return nil, err
	}
	grants, err := every(func(r paging.Request) (paging.List[grant.Grant], error) {
		return s.config.Grants.List(ctx, actor, workspaceID, r)
	})
	if err != nil {
		return nil, err
	}
	emails, err := s.emails(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	keys, err := every(func(r paging.Request) (paging.List[candidate], error) {
		found, err := s.config.Credentials.List(ctx, actor, workspaceID, r)
		out := paging.List[candidate]{Next: found.Next}
		for _, c := range found.Items {
			out.Items = append(out.Items, candidate{Way: Way{
				Kind: ByCredential, ID: c.ID, Name: c.Name, Who: Windlass,
				Note: "What an access key opens, its owner has decided; Windlass cannot know it.",
			}})
		}
		return out, err
	})
	if err != nil {
		return nil, err
	}
	var out []candidate
	byID := map[string]*integration.Integration{}
	for i := range integrations {
		byID[integrations[i].ID] = &integrations[i]
		out = append(out, ofIntegration(&integrations[i])...)
	}
	for i := range grants {
		found, err := s.ofGrant(ctx, &grants[i], byID[grants[i].Integration], emails, member)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return append(out, keys...), nil
}

func (s *Service) integrations(ctx context.Context, actor access.Actor, workspaceID string) ([]integration.Integration, error) {
	return every(func(r paging.Request) (paging.List[integration.Integration], error) {
		return s.config.Integrations.List(ctx, actor, workspaceID, r)
	})
}

// emails are the members' addresses by ID.
func (s *Service) emails(ctx context.Context, workspaceID string) (map[string]string, error) {
	members, err := every(func(r paging.Request) (paging.List[workspace.Member], error) {
		return s.config.Members.ListMembers(ctx, workspaceID, r)
	})
	emails := map[string]string{}
	for _, m := range members {
		emails[m.ID] = m.Email
	}
	return emails, err
}

func ofIntegration(i *integration.Integration) []candidate {
	var out []candidate
	for _, l := range i.Locations {
		out = append(out, candidate{through: i, Way: Way{
			Kind: ByIntegration, ID: i.ID, Name: i.Name, Who: Windlass, Integration: i.Name, Location: l, Closed: closed(i),
		}})
	}
	return out
}

// closed says why an integration gives no access.
func closed(i *integration.Integration) string {
	if i == nil {
		return "Its integration is gone."
	}
	if i.State != integration.Verified {
		return fmt.Sprintf("The integration %s is %s: only a verified one is used.", i.Name, i.State)
	}
	return ""
}

func (s *Service) ofGrant(ctx context.Context, g *grant.Grant, through *integration.Integration, emails map[string]string, member string) ([]candidate, error) {
	base := Way{Kind: ByGrant, ID: g.ID, Name: g.Name, Closed: s.closedGrant(g, through)}
	if through != nil {
		base.Integration = through.Name
	}
	if base.Closed == "" {
		revoked, err := s.config.Revocations.Revoked(ctx, g.Workspace, vending.OfIntegration, g.Integration, "")
		if err != nil {
			return nil, err
		}
		if revoked {
			base.Closed = "Vending from the integration is revoked."
		}
	}
	var out []candidate
	for _, user := range usersOf(g, member) {
		w := base
		if !named(&w, g, user, emails) {
			continue // a member who was removed
		}
		if err := s.refuseUser(ctx, &w, g, user); err != nil {
			return nil, err
		}
		id := user
		if user == grant.Everyone {
			id = anybody
		}
		locations, err := g.Locations(id)
		if err != nil {
			return nil, err
		}
		for _, l := range locations {
			at := candidate{Way: w, through: through, actions: g.Actions, scope: locations}
			at.Location = l
			if user == grant.Everyone && strings.Contains(l.Prefix, anybody) {
				at.Note = strings.TrimSpace(at.Note + " USER stands for each user's own ID.")
			}
			out = append(out, at)
		}
	}
	return out, nil
}

// usersOf are whom a grant is for. What is for every member is for the one whose
// ID is given.
func usersOf(g *grant.Grant, member string) []string {
	switch {
	case member != "" && g.ForMembers() && g.For(member):
		return []string{member}
	case len(g.Users) == 0:
		return []string{grant.Everyone}
	}
	return g.Users
}

// named says who a way is for; false when there is no such member.
func named(w *Way, g *grant.Grant, user string, emails map[string]string) bool {
	switch {
	case g.ForMembers() && user == grant.Everyone:
		w.Who = AllMembers
	case g.ForMembers():
		w.Who, w.Subject = OneMember, emails[user]
		return w.Subject != ""
	case user == grant.Everyone:
		w.Who, w.Provider = AnyJob, g.Provider
	default:
		w.Who, w.Subject, w.Provider = JobsOf, user, g.Provider
	}
	return true
}

func (s *Service) refuseUser(ctx context.Context, w *Way, g *grant.Grant, user string) error {
	if w.Closed != "" || user == grant.Everyone {
		return nil
	}
	of := g.Provider
	if g.ForMembers() {
		of = provider.Members
	}
	revoked, err := s.config.Revocations.Revoked(ctx, g.Workspace, vending.OfUser, user, of)
	if revoked {
		w.Closed = "The user is revoked."
	}
	return err
}

func (s *Service) closedGrant(g *grant.Grant, through *integration.Integration) string {
	now := s.config.Now()
	switch {
	case closed(through) != "":
		return closed(through)
	case !through.Vending:
		return "The integration " + through.Name + " is not for vending."
	case !g.NotBefore.IsZero() && now.Before(g.NotBefore):
		return "The grant begins on " + g.NotBefore.Format(time.RFC3339) + "."
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		return "The grant ended on " + g.NotAfter.Format(time.RFC3339) + "."
	}
	return ""
}
