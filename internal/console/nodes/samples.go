package nodes

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/node"
)

// Samples returns the page in each of its states.
func Samples() []sample.Page {
	first := nodeView{node.Listed{Node: node.Node{
		ID: "node_1", Name: "app-1", Version: "1.4.0", Address: "https://windlass.example.com",
		Roles: []string{"serve", "load", "schedule"}, Loads: 2, StartedAt: sample.Time.Add(-50 * time.Hour),
		SeenAt: sample.Time.Add(-3 * time.Second),
	}, State: node.Live}}
	second := first
	second.ID, second.Name, second.Roles, second.State = "node_2", "app-2", []string{"load"}, node.Draining
	lost := first
	lost.ID, lost.Name, lost.State, lost.SeenAt = "node_3", "app-3", node.Gone, sample.Time.Add(-time.Hour)
	ended := lost
	ended.ID, ended.State = "node_4", node.Ended
	frame := sample.Frame("Nodes", root)
	return []sample.Page{
		sample.New("nodes", "nodes/nodes", &listPage{
			Frame: frame, Running: []nodeView{first, second}, Past: []nodeView{lost, ended},
		}),
		sample.New("nodes-one", "nodes/nodes", &listPage{Frame: frame, Running: []nodeView{first}}),
	}
}
