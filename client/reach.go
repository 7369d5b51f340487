package client

import (
	"context"
	"net/http"
	"net/url"
)

// Way is one way to a place in a bucket.
type Way struct {
	Kind        string            `json:"kind"` // integration, grant, credential
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Who         string            `json:"who"`      // windlass, jobs, jobs-of, member, all-members
	Subject     string            `json:"subject"`  // of jobs-of the user's ID, of member the e-mail address
	Provider    string            `json:"provider"` // ID of the provider whose jobs they are
	Integration string            `json:"integration"`
	Location    string            `json:"location"` // empty: not known
	Whole       bool              `json:"whole"`    // whether the location is all of what was asked for
	Actions     map[string]string `json:"actions"`  // by list, read, write and delete: yes, no or unknown
	Open        bool              `json:"open"`     // whether anything may be done this way now
	Closed      string            `json:"closed"`   // why not
	Note        string            `json:"note"`
}

// WhoReaches tells who can reach a location, as in "s3://bucket/prefix/".
func (c *Client) WhoReaches(ctx context.Context, location string) ([]Way, error) {
	return c.reach(ctx, url.Values{"location": {location}})
}

// MemberReaches tells what a member can reach, by ID or e-mail address.
func (c *Client) MemberReaches(ctx context.Context, idOrEmail string) ([]Way, error) {
	return c.reach(ctx, url.Values{"member": {idOrEmail}})
}

func (c *Client) reach(ctx context.Context, query url.Values) ([]Way, error) {
	answer, err := ask[struct {
		Ways []Way `json:"ways"`
	}](ctx, c, http.MethodGet, c.in("reach"), query, nil)
	return answer.Ways, err
}
