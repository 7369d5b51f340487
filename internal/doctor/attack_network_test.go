package doctor_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// TestAttackPortScan verifies an integration whose endpoints can't be reached
// for different reasons: the checks must have the same texts for all of them.
func TestAttackPortScan(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(web.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(closed.URL, "http://"), ":")
	policy := dial.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	transport := dial.New(dial.Config{Policy: policy}).Transport(dial.Endpoint)
	w := doctortest.Start(t, func(p *doctortest.Parts) {
		p.Doctor.Open = func(reach object.Access) object.Bucket {
			return s3.Open(reach, s3.Config{Transport: transport, Attempts: 1, Timeout: 10 * time.Second})
		}
	})
	i := w.MustConnect(t, w.MustReserve(t))
	var first string
	for _, c := range []struct{ why, endpoint string }{
		{"the certificate isn't valid", web.URL},
		{"the port is closed", "https://127.0.0.1:" + port},
		{"the address is refused", "https://10.0.0.1"},
		{"the name is unknown", "https://no-such-name.invalid"},
	} {
		edited, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID,
			integration.Change{Endpoint: &c.endpoint})
		if err != nil {
			t.Fatal(err)
		}
		i = edited.Integration
		w.Settle()
		said := words(t, w, i, c.endpoint)
		if first == "" {
			first = said
		}
		if said != first || !strings.Contains(said, "Windlass can't connect to HOST.") {
			t.Errorf("%s:\n%s\nwant\n%s", c.why, said, first)
		}
	}
}

// words returns the texts of all checks of a verification, without the
// endpoint and the times.
func words(t *testing.T, w *doctortest.World, i integration.Integration, endpoint string) string {
	t.Helper()
	v := w.MustVerify(t, i)
	var out strings.Builder
	for _, c := range v.Checks {
		c.Took = 0
		for n := range c.Calls {
			c.Calls[n].Took, c.Calls[n].RequestID = 0, ""
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	out.WriteString(string(v.State) + v.Reason)
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(endpoint, "ENDPOINT", u.Hostname(), "HOST").Replace(out.String())
}
