package home

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/token"
)

// attention is something that is broken now, with the button that starts the fix.
type attention struct {
	Tone, Icon, Title, Text, Link, Path string
	Since                               time.Time // zero: not known
}

// attentionPage lists what is broken.
type attentionPage struct {
	page.Frame
	Items []attention
}

// expiring is how long before its expiry a token is listed.
const expiring = 14 * 24 * time.Hour

func (h *Handlers) attentionShow(w http.ResponseWriter, v *shell.Visit) error {
	items, err := h.attention(v)
	if err != nil {
		return err
	}
	h.Show(w, v.Request, http.StatusOK, "home/attention",
		&attentionPage{Frame: h.Frame(v, "Needs attention", "/attention"), Items: items})
	return nil
}

// attentionCount writes the count for the bell of every page.
func (h *Handlers) attentionCount(w http.ResponseWriter, v *shell.Visit) error {
	items, err := h.attention(v)
	if err != nil {
		return err
	}
	h.Write(w, v.Request, http.StatusOK, "home/attention", "bell-count", len(items))
	return nil
}

// attention returns what is broken, the worst first.
func (h *Handlers) attention(v *shell.Visit) ([]attention, error) {
	loads, err := h.newestLoads(v)
	if err != nil {
		return nil, err
	}
	return h.attentionOf(v, loads)
}

func (h *Handlers) attentionOf(v *shell.Visit, loads []load.Load) ([]attention, error) {
	all := paging.Request{Limit: paging.MaxLimit}
	integrations, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return nil, err
	}
	names, err := (view.LoadLister{Sources: h.Sources}).SourceNames(v)
	if err != nil {
		return nil, err
	}
	schedules, err := h.Schedules.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return nil, err
	}
	tokens, err := h.Tokens.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return nil, err
	}
	keys, err := h.Credentials.List(v.Context(), v.Actor, v.Workspace, all)
	if err != nil {
		return nil, err
	}
	items := brokenIntegrations(integrations.Items)
	items = append(items, failedLoads(loads, names)...)
	items = append(items, brokenSchedules(schedules.Items, h.Now())...)
	items = append(items, endingTokens(tokens.Items, h.Now())...)
	for _, k := range keys.Items {
		if by := k.RotateBy(); h.Now().After(by) {
			items = append(items, attention{
				Tone: "warn", Icon: "key-round", Title: "Access key " + k.Name + " is overdue", Since: by,
				Text: "It is more than 90 days old.", Link: "Replace key", Path: "/sources/credentials/" + k.ID,
			})
		}
	}
	return items, nil
}

func brokenIntegrations(all []integration.Integration) []attention {
	var found []attention
	for _, i := range all {
		a := attention{
			Tone: "bad", Text: i.Reason, Link: "See what to change", Path: view.IntegrationPath(i.ID), Icon: "circle-x",
		}
		switch i.State {
		case integration.Failing:
			a.Title = "Integration " + i.Name + " is failing"
		case integration.Insecure:
			a.Title, a.Icon = "Integration "+i.Name+" is insecure", "shield-alert"
		case integration.Reserved, integration.Unverified, integration.Propagating, integration.Verified,
			integration.Disabled, integration.Removed:
			continue
		}
		found = append(found, a)
	}
	return found
}

// failedLoads returns the sources whose last load failed. loads must be sorted
// newest first.
func failedLoads(loads []load.Load, names map[string]string) []attention {
	var found []attention
	seen := map[string]bool{}
	for n := range loads {
		l := &loads[n]
		feed := l.SourceID + "\x00" + l.Dataset
		if l.DryRun || !l.State.Ended() || seen[feed] || names[l.SourceID] == "" {
			continue
		}
		seen[feed] = true
		if l.State == load.Failed {
			found = append(found, attention{
				Tone: "bad", Icon: "circle-x", Title: "Failed: the last load of " + names[l.SourceID], Text: l.Fault,
				Link: "See why", Path: view.LoadPath(l.ID), Since: l.EndedAt,
			})
		}
	}
	return found
}

// late is how long after its fire time a schedule without a load counts as late.
const late = time.Minute

func brokenSchedules(all []schedule.Shown, now time.Time) []attention {
	var found []attention
	for n := range all {
		s := &all[n]
		a := attention{Path: "/schedules/" + s.ID, Link: "Open schedule"}
		switch {
		case s.Paused:
			continue
		case s.LastRun != nil && s.LastRun.State == schedule.Failed:
			a.Tone, a.Icon, a.Title = "bad", "circle-x", "Schedule "+s.Name+" is failing"
			a.Text, a.Since = s.LastRun.Reason, s.LastRun.FireAt
		case !s.NextAt.IsZero() && now.Sub(s.NextAt) > late:
			a.Tone, a.Icon, a.Title = "warn", "hourglass", "Schedule "+s.Name+" is late"
			a.Text, a.Since = "Its fire time passed, and no load has started.", s.NextAt
		default:
			continue
		}
		found = append(found, a)
	}
	return found
}

func endingTokens(all []token.Token, now time.Time) []attention {
	var found []attention
	for n := range all {
		t := &all[n]
		ends := t.RevokedAt.IsZero() && t.ExpiresAt.After(now) && t.ExpiresAt.Before(now.Add(expiring))
		if ends && t.ExpiresAt.Sub(t.CreatedAt) > expiring { // otherwise it was meant to end soon
			found = append(found, attention{
				Tone: "warn", Icon: "hourglass", Title: "Token " + t.Name + " is expiring",
				Text: "It expires on " + t.ExpiresAt.UTC().
					Format("2 Jan 2006, 15:04") +
					" UTC. Apps that use it get 401 afterwards.",
				Link: "Replace", Path: "/tokens/" + t.ID,
			})
		}
	}
	return found
}
