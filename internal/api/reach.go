package api

import (
	"context"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// Way is one way to access a location in a bucket.
type Way struct {
	Kind        reach.Kind                    `json:"kind" enum:"integration,grant,credential"`
	ID          string                        `json:"id"`
	Name        string                        `json:"name"`
	Who         reach.Who                     `json:"who" enum:"windlass,jobs,jobs-of,member,all-members"`
	Subject     string                        `json:"subject,omitempty" doc:"For jobs-of, the user's ID; for member, the e-mail address."`
	Provider    string                        `json:"provider,omitempty" doc:"ID of the jobs' provider."`
	Integration string                        `json:"integration,omitempty"`
	Location    string                        `json:"location,omitempty"`
	Whole       bool                          `json:"whole" doc:"Whether the location covers everything that was asked for."`
	Actions     map[grant.Action]reach.Answer `json:"actions" doc:"For list, read, write and delete: yes, no or unknown."`
	Open        bool                          `json:"open" doc:"Whether this way allows any action now."`
	Closed      string                        `json:"closed,omitempty" doc:"Why not."`
	Note        string                        `json:"note,omitempty"`
}

type reachInput struct {
	InWorkspace
	Location string `query:"location" maxLength:"1100" doc:"A location such as s3://bucket/prefix/: returns who can reach it."`
	Member   string `query:"member" maxLength:"254" doc:"A member's ID or e-mail address: returns what they can reach."`
}

type reachAnswer struct {
	Ways []Way `json:"ways"`
}

func (a *API) reachRoutes() {
	route(a, operation("reach", "GET /v1/workspaces/{ws}/reach", "CI access",
		"List who can reach a location, or what a member can reach"), a.reach)
}

func (a *API) reach(ctx context.Context, call Call, in *reachInput) (*body[reachAnswer], error) {
	if (in.Location == "") == (in.Member == "") {
		return nil, problem.New(problem.Invalid, "Specify a location or a member.").
			WithHint("Send location=s3://bucket/prefix/ or member=ann@example.com.")
	}
	ways, err := a.ways(ctx, call, in)
	out := reachAnswer{Ways: make([]Way, len(ways))}
	for i := range ways {
		out.Ways[i] = toWay(&ways[i])
	}
	return &body[reachAnswer]{out}, err
}

func (a *API) ways(ctx context.Context, call Call, in *reachInput) ([]reach.Way, error) {
	if in.Member != "" {
		return a.config.Services.Reach.Of(ctx, call.Actor, call.Workspace, in.Member)
	}
	place, err := object.ParseLocation(in.Location)
	if err != nil {
		return nil, err
	}
	return a.config.Services.Reach.To(ctx, call.Actor, call.Workspace, place)
}

func toWay(w *reach.Way) Way {
	out := Way{
		Kind: w.Kind, ID: w.ID, Name: w.Name, Who: w.Who, Subject: w.Subject, Provider: w.Provider,
		Integration: w.Integration,
		Whole:       w.Whole, Actions: w.Actions, Open: w.Open(), Closed: w.Closed, Note: w.Note,
	}
	if w.Location.Bucket != "" {
		out.Location = w.Location.String()
	}
	return out
}
