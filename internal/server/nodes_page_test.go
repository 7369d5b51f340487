package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/node"
)

// TestDrainNode drains a node and lets it resume, in the API and in the console, as
// an operator. No token and no other member can do it.
func TestDrainNode(t *testing.T) {
	t.Parallel()
	owners := ownersOfTwo(t)
	other, o := owners[0], owners[1]
	browser := o.signIn(t, o.link)
	operator, stranger := o.session(t, browser), other.session(t, other.signIn(t, other.link))
	var all struct {
		Items []node.Listed
		Now   time.Time
	}
	o.must(t, &all, http.MethodGet, "/v1/nodes", operator, "")
	live := all.Items[0]
	if live.State != node.Live || len(live.Roles) != 3 || all.Now.IsZero() {
		t.Fatalf("nodes %+v", all)
	}
	for _, c := range []struct {
		verb string
		want node.State
	}{{"drain", node.Draining}, {"resume", node.Live}} {
		for name, token := range map[string]string{"a token": o.token, "the owner of another workspace": stranger} {
			got := o.call(t, http.MethodPost, "/v1/nodes/"+live.ID+"/"+c.verb, token, "")
			if got.status != http.StatusForbidden {
				t.Errorf("%s with %s: %d %s", c.verb, name, got.status, got.text)
			}
		}
		var changed node.Listed
		o.must(t, &changed, http.MethodPost, "/v1/nodes/"+url.PathEscape(live.Name)+"/"+c.verb, operator, "")
		if changed.State != c.want || changed.ID != live.ID {
			t.Errorf("%s: %+v", c.verb, changed)
		}
	}
	o.form(t, browser, "/nodes/"+live.ID+"/drain", nil)
	shown := o.ask(t, browser, http.MethodGet, "/nodes", "", nil)
	if !strings.Contains(shown.text, "Draining") || !strings.Contains(shown.text, live.Name) {
		t.Errorf("the page doesn't show the node that drains: %d %s", shown.status, shown.text)
	}
	if got := o.call(t, http.MethodPost, "/v1/nodes/none/drain", operator, ""); got.status != http.StatusNotFound ||
		!strings.Contains(got.text, "Running nodes: "+live.Name) {
		t.Errorf("an unknown node: %d %s", got.status, got.text)
	}
}
