package api

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/node"
)

// Node is a process that serves the state, or did in the last seven days.
type Node node.Listed

// NodeList has all nodes, newest first.
type NodeList struct {
	Items []Node    `json:"items"`
	Now   time.Time `json:"now" doc:"The time of the state database's clock."`
}

type nodeInput struct {
	Node string `path:"node" maxLength:"255" doc:"The node's name or ID."`
}

func (a *API) nodeRoutes() {
	const tag = "Nodes"
	route(a, operation("list-nodes", "GET /v1/nodes", tag, "List the processes that serve the state (operators only)"),
		a.listNodes)
	for _, verb := range []struct {
		id, path, summary string
		drain             bool
	}{
		{"drain-node", "POST /v1/nodes/{node}/drain", "Stop a node from claiming loads (operators only)", true},
		{"resume-node", "POST /v1/nodes/{node}/resume", "Let a draining node claim loads again (operators only)", false},
	} {
		op := operation(verb.id, verb.path, tag, verb.summary)
		op.DefaultStatus = http.StatusOK
		route(a, op, a.drainNode(verb.drain))
	}
}

func (a *API) listNodes(ctx context.Context, call Call, _ *struct{}) (*body[NodeList], error) {
	all, now, err := a.config.Services.Nodes.List(ctx, call.Actor)
	list := NodeList{Items: make([]Node, len(all)), Now: now}
	for i := range all {
		list.Items[i] = Node(all[i])
	}
	return &body[NodeList]{list}, err
}

func (a *API) drainNode(drain bool) func(context.Context, Call, *nodeInput) (*body[Node], error) {
	return func(ctx context.Context, call Call, in *nodeInput) (*body[Node], error) {
		changed, err := a.config.Services.Nodes.Drain(ctx, call.Actor, in.Node, drain)
		return &body[Node]{Node(changed)}, err
	}
}
