package reach

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/workspace"
)

// anyUser replaces the user's ID in prefixes that apply to every user.
const anyUser = "USER"

// listAll returns all items of a list.
func listAll[T any](list func(paging.Request) (paging.List[T], error)) ([]T, error) {
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

// ways returns every way of a workspace, without evaluating actions. If member
// isn't empty, ways for every member become ways for this one.
func (s *Service) ways(ctx context.Context, actor access.Actor, workspaceID, member string) ([]candidate, error) {
	integrations, err := s.integrations(ctx, actor, workspaceID)
	if err != nil {
		return nil, err
	}
	grants, err := listAll(func(r paging.Request) (paging.List[grant.Grant], error) {
		return s.config.Grants.List(ctx, actor, workspaceID, r)
	})
	if err != nil {
		return nil, err
	}
	emails, err := s.emails(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	keys, err := listAll(func(r paging.Request) (paging.List[candidate], error) {
		found, err := s.config.Credentials.List(ctx, actor, workspaceID, r)
		out := paging.List[candidate]{Next: found.Next}
		for _, c := range found.Items {
			out.Items = append(out.Items, candidate{Way: Way{
				Kind: ByCredential, ID: c.ID, Name: c.Name, Who: Windlass,
				Note: "Windlass doesn't know what an access key allows.",
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

func (s *Service) integrations(
	ctx context.Context, actor access.Actor, workspaceID string,
) ([]integration.Integration, error) {
	return listAll(func(r paging.Request) (paging.List[integration.Integration], error) {
		return s.config.Integrations.List(ctx, actor, workspaceID, r)
	})
}

// emails returns the members' e-mail addresses by ID.
func (s *Service) emails(ctx context.Context, workspaceID string) (map[string]string, error) {
	members, err := listAll(func(r paging.Request) (paging.List[workspace.Member], error) {
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
			Kind: ByIntegration, ID: i.ID, Name: i.Name, Who: Windlass, Integration: i.Name, Location: l,
			Closed: explainClosed(i),
		}})
	}
	return out
}

// explainClosed returns why an integration can't be used, or "".
func explainClosed(i *integration.Integration) string {
	if i == nil {
		return "The integration is removed."
	}
	if i.State != integration.Verified {
		return fmt.Sprintf("The integration %s is %s. Only verified integrations can be used.", i.Name, i.State)
	}
	return ""
}

func (s *Service) ofGrant(
	ctx context.Context, g *grant.Grant, through *integration.Integration, emails map[string]string, member string,
) ([]candidate, error) {
	base := Way{Kind: ByGrant, ID: g.ID, Name: g.Name, Closed: s.explainClosedGrant(g, through)}
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
		if !setUser(&w, g, user, emails) {
			continue // a removed member
		}
		if err := s.closeRevoked(ctx, &w, g, user); err != nil {
			return nil, err
		}
		id := user
		if user == grant.Everyone {
			id = anyUser
		}
		locations, err := g.Locations(id)
		if err != nil {
			return nil, err
		}
		for _, l := range locations {
			at := candidate{Way: w, through: through, actions: g.Actions, scope: locations}
			at.Location = l
			if user == grant.Everyone && strings.Contains(l.Prefix, anyUser) {
				at.Note = strings.TrimSpace(at.Note + " USER is the ID of each user.")
			}
			out = append(out, at)
		}
	}
	return out, nil
}

// usersOf returns the users of a grant. If the grant is for the given member, it
// returns only this member.
func usersOf(g *grant.Grant, member string) []string {
	switch {
	case member != "" && g.ForMembers() && g.For(member):
		return []string{member}
	case len(g.Users) == 0:
		return []string{grant.Everyone}
	}
	return g.Users
}

// setUser sets who has access. It returns false if the member doesn't exist.
func setUser(w *Way, g *grant.Grant, user string, emails map[string]string) bool {
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

// closeRevoked closes a way whose user is revoked.
func (s *Service) closeRevoked(ctx context.Context, w *Way, g *grant.Grant, user string) error {
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

// explainClosedGrant returns why a grant can't be used, or "".
func (s *Service) explainClosedGrant(g *grant.Grant, through *integration.Integration) string {
	now := s.config.Now()
	switch {
	case explainClosed(through) != "":
		return explainClosed(through)
	case !through.Vending:
		return "Vending is off for the integration " + through.Name + "."
	case through.CheckVends() != nil:
		return problem.From(through.CheckVends()).Message
	case !g.NotBefore.IsZero() && now.Before(g.NotBefore):
		return "The grant starts at " + g.NotBefore.Format(time.RFC3339) + "."
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		return "The grant expired at " + g.NotAfter.Format(time.RFC3339) + "."
	}
	return ""
}
