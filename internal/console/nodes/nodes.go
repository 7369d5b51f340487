package nodes

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/node"
)

// root is the path of the page.
const root = "/nodes"

// listPage lists the nodes: those that run, then those that don't.
type listPage struct {
	page.Frame
	Running, Past []nodeView
}

// nodeView is a node as the page shows it.
type nodeView struct{ node.Listed }

// RoleList returns the roles in words.
func (n *nodeView) RoleList() string { return strings.Join(n.Roles, ", ") }

// Drains reports whether the node claims no loads.
func (n *nodeView) Drains() bool { return n.State == node.Draining }

// Chip shows the node's state.
func (n *nodeView) Chip() page.Chip {
	switch n.State {
	case node.Live:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Live"}
	case node.Draining:
		return page.Chip{Tone: "calm", Icon: "clock", Label: "Draining"}
	case node.Gone:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Lost"}
	default:
		return page.Chip{Tone: "", Icon: "circle-minus", Label: "Ended"}
	}
}

func (h *Handlers) list(w http.ResponseWriter, v *shell.Visit) error {
	all, _, err := h.Nodes.List(v.Context(), v.Actor)
	if err != nil {
		return err
	}
	p := &listPage{Frame: h.Frame(v, "Nodes", root)}
	for i := range all {
		if all[i].State.Runs() {
			p.Running = append(p.Running, nodeView{all[i]})
		} else {
			p.Past = append(p.Past, nodeView{all[i]})
		}
	}
	h.Show(w, v.Request, http.StatusOK, "nodes/nodes", p)
	return nil
}

func (h *Handlers) drain(w http.ResponseWriter, v *shell.Visit) error { return h.turn(w, v, true) }

func (h *Handlers) resume(w http.ResponseWriter, v *shell.Visit) error { return h.turn(w, v, false) }

func (h *Handlers) turn(w http.ResponseWriter, v *shell.Visit, drain bool) error {
	if _, err := h.Nodes.Drain(v.Context(), v.Actor, v.PathValue("id"), drain); err != nil {
		return err
	}
	done := "?done=node-resumed"
	if drain {
		done = "?done=node-draining"
	}
	h.Redirect(w, v.Request, root+done)
	return nil
}
