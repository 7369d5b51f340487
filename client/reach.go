package client

import (
	"context"
	"net/http"
	"net/url"
)

// Way is one way to reach a location.
type Way struct {
	Kind        string            `json:"kind"` // integration, grant, credential
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Who         string            `json:"who"`      // windlass, jobs, jobs-of, member, all-members
	Subject     string            `json:"subject"`  // of jobs-of the user's ID, of member the e-mail address
	Provider    string            `json:"provider"` // ID of the provider of the jobs
	Integration string            `json:"integration"`
	Location    string            `json:"location"` // empty: unknown
	Whole       bool              `json:"whole"`    // whether it covers all of the requested location
	Actions     map[string]string `json:"actions"`  // by list, read, write and delete: yes, no or unknown
	Open        bool              `json:"open"`     // whether the way can be used now
	Closed      string            `json:"closed"`   // why it can't be used
	Note        string            `json:"note"`
}

// WhoReaches returns the ways to reach a location such as
// "s3://bucket/prefix/".
func (c *Client) WhoReaches(ctx context.Context, location string) ([]Way, error) {
	return c.reach(ctx, url.Values{"location": {location}})
}

// MemberReaches returns what a member, by ID or e-mail address, can reach.
func (c *Client) MemberReaches(ctx context.Context, idOrEmail string) ([]Way, error) {
	return c.reach(ctx, url.Values{"member": {idOrEmail}})
}

func (c *Client) reach(ctx context.Context, query url.Values) ([]Way, error) {
	answer, err := ask[struct {
		Ways []Way `json:"ways"`
	}](ctx, c, http.MethodGet, c.in("reach"), query, nil)
	return answer.Ways, err
}
