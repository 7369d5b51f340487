package orgapi

import (
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// The states of a handshake.
const (
	open     = "OPEN"
	accepted = "ACCEPTED"
	declined = "DECLINED"
	canceled = "CANCELED"
	expired  = "EXPIRED"
)

const (
	handshakeLife = 15 * 24 * time.Hour
	maxHandshakes = 1000
	maxMembers    = 1000
	maxNotes      = 1024
)

// party takes part in a handshake.
type party struct {
	ID   string `json:"Id"`
	Type string
}

// resource is a detail of a handshake.
type resource struct{ Type, Value string }

// handshake describes a handshake as the service does.
type handshake struct {
	ID                  string `json:"Id"`
	Arn                 string
	Action              string
	State               string
	Parties             []party
	RequestedTimestamp  float64
	ExpirationTimestamp float64
	Resources           []resource
}

type handshakeResult struct{ Handshake handshake }

// state returns a handshake's state now.
func (c *call) state(h *directory.Handshake) string {
	if h.State == open && !c.now.Before(h.Expires) {
		return expired
	}
	return h.State
}

func (c *call) showHandshake(h *directory.Handshake) handshake {
	shown := handshake{
		ID: h.ID, Action: "INVITE", State: c.state(h),
		Parties: []party{
			{h.Organization[len(directory.OrganizationID):], "ORGANIZATION"}, {h.Account, "ACCOUNT"},
		},
		RequestedTimestamp: epoch(h.Requested), ExpirationTimestamp: epoch(h.Expires),
		Resources: []resource{{"ORGANIZATION", h.Organization}, {"ACCOUNT", h.Account}},
	}
	if h.Notes != "" {
		shown.Resources = append(shown.Resources, resource{"NOTES", h.Notes})
	}
	if o := c.tx.Organizations.Get("", h.Organization); o != nil {
		shown.Arn = "arn:aws:organizations::" + o.Management + ":handshake/" + o.ID + "/invite/" + h.ID
	}
	return shown
}

type inviteInput struct {
	Target party
	Notes  string
}

func (c *call) inviteAccount(in *inviteInput) (any, error) {
	account, err := c.invited(in)
	if err != nil {
		return nil, err
	}
	count := 0
	for h := range c.tx.Handshakes.Every() {
		count++
		if h.Organization == c.org.ID && h.Account == account && c.state(h) == open {
			return nil, bad("DuplicateHandshakeException", "The account was already invited, with %s.", h.ID)
		}
	}
	if count >= maxHandshakes {
		return nil, tooMany("There are at most %d handshakes.", maxHandshakes)
	}
	h := &directory.Handshake{
		ID:           directory.NewOrganizationID(directory.HandshakeID, 32),
		Organization: c.org.ID, Account: account, State: open, Notes: in.Notes,
		Requested: c.now, Expires: c.now.Add(handshakeLife),
	}
	c.tx.Handshakes.Put("", h.ID, h)
	return handshakeResult{c.showHandshake(h)}, nil
}

// invited returns the account that the parameters name.
func (c *call) invited(in *inviteInput) (string, error) {
	account := in.Target.ID
	if in.Target.Type == "EMAIL" {
		for a := range c.tx.Accounts.Every() {
			if email(a.ID) == in.Target.ID {
				account = a.ID
			}
		}
	}
	switch {
	case in.Target.Type != "ACCOUNT" && in.Target.Type != "EMAIL":
		return "", invalid("The target's Type is ACCOUNT or EMAIL.")
	case len(in.Notes) > maxNotes:
		return "", invalid("Notes have at most %d characters.", maxNotes)
	case c.tx.Accounts.Get(account, "") == nil:
		return "", bad("AccountNotFoundException", "The sandbox has no account %q.", cut(in.Target.ID))
	case c.tx.Members.Get("", account) != nil:
		return "", bad("HandshakeConstraintViolationException", "The account is already a member of an organization.")
	default:
		return account, nil
	}
}

type handshakeInput struct {
	HandshakeID string `json:"HandshakeId"`
}

// handshake returns a handshake of the caller's account or organization.
func (c *call) handshake(in *handshakeInput) (*directory.Handshake, error) {
	h := c.tx.Handshakes.Get("", in.HandshakeID)
	if h == nil || h.Account != c.Caller.Account && (c.org == nil || h.Organization != c.org.ID) {
		return nil, bad("HandshakeNotFoundException", "The handshake %q doesn't exist.", cut(in.HandshakeID))
	}
	return h, nil
}

// end ends an open handshake.
func (c *call) end(h *directory.Handshake, state string) (any, error) {
	switch now := c.state(h); now {
	case open:
	case state:
		return nil, bad("HandshakeAlreadyInStateException", "The handshake is already in the state %s.", now)
	default:
		return nil, bad("InvalidHandshakeTransitionException", "The handshake is in the state %s.", now)
	}
	changed := *h
	changed.State = state
	c.tx.Handshakes.Put("", h.ID, &changed)
	return handshakeResult{c.showHandshake(&changed)}, nil
}

// addressed returns a handshake that is addressed to the caller's account.
func (c *call) addressed(in *handshakeInput) (*directory.Handshake, error) {
	h, err := c.handshake(in)
	if err == nil && h.Account != c.Caller.Account {
		return nil, bad("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	return h, err
}

func (c *call) acceptHandshake(in *handshakeInput) (any, error) {
	h, err := c.addressed(in)
	if err != nil {
		return nil, err
	}
	o := c.tx.Organizations.Get("", h.Organization)
	switch {
	case o == nil:
		return nil, bad("HandshakeConstraintViolationException", "The organization was deleted.")
	case c.org != nil:
		return nil, bad("HandshakeConstraintViolationException", "The account is already a member of an organization.")
	}
	result, err := c.end(h, accepted)
	if err != nil {
		return nil, err
	}
	if c.count(o) >= maxMembers {
		return nil, tooMany("An organization has at most %d accounts.", maxMembers)
	}
	c.join(o, c.Caller.Account)
	return result, nil
}

func (c *call) declineHandshake(in *handshakeInput) (any, error) {
	h, err := c.addressed(in)
	if err != nil {
		return nil, err
	}
	return c.end(h, declined)
}

func (c *call) cancelHandshake(in *handshakeInput) (any, error) {
	h, err := c.handshake(in)
	if err != nil {
		return nil, err
	}
	return c.end(h, canceled)
}

func (c *call) describeHandshake(in *handshakeInput) (any, error) {
	h, err := c.handshake(in)
	if err != nil {
		return nil, err
	}
	return handshakeResult{c.showHandshake(h)}, nil
}

func (c *call) listHandshakesForAccount(in *pageInput) (any, error) {
	return c.listHandshakes(in, func(h *directory.Handshake) bool { return h.Account == c.Caller.Account })
}

func (c *call) listHandshakesForOrganization(in *pageInput) (any, error) {
	return c.listHandshakes(in, func(h *directory.Handshake) bool { return h.Organization == c.org.ID })
}

func (c *call) listHandshakes(in *pageInput, wanted func(*directory.Handshake) bool) (any, error) {
	var found []handshake
	for h := range c.tx.Handshakes.Every() {
		if wanted(h) {
			found = append(found, c.showHandshake(h))
		}
	}
	found, next, err := paged(found, in, func(h handshake) string { return h.ID })
	return struct {
		Handshakes []handshake
		page
	}{found, next}, err
}
