package dial_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/problem"
)

// sample is a line of testdata/cases.json.
type sample struct {
	ID          string       `json:"id"`
	Kind        string       `json:"kind"`
	Address     string       `json:"address"`
	Value       string       `json:"value"`
	Host        string       `json:"host"`
	Answers     []netip.Addr `json:"answers"`
	Connect     []string     `json:"connect"`
	Use         dial.Use     `json:"use"`
	Chain       []string     `json:"chain"`
	HeadersKept bool         `json:"headers_kept"`
	Private     bool         `json:"private"`
	Expect      string       `json:"expect"`
	Reason      string       `json:"reason"`
}

func (c *sample) policy() dial.Policy { return dial.Policy{AllowPrivate: c.Private} }

func readCases(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []sample
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestCases(t *testing.T) {
	t.Parallel()
	cases := readCases(t)
	if len(cases) < 167 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			switch c.Kind {
			case "address":
				c.address(t)
			case "endpoint":
				c.endpoint(t)
			case "resolve":
				c.resolve(t)
			case "redirect":
				c.redirect(t)
			default:
				t.Fatalf("unknown kind %q", c.Kind)
			}
		})
	}
}

func (c *sample) address(t *testing.T) {
	reason := c.policy().Judge(netip.MustParseAddr(c.Address))
	if (reason == "") != (c.Expect == "allow") || reason != c.Reason {
		t.Errorf("%s: got %q, want %s %q", c.Address, reason, c.Expect, c.Reason)
	}
}

func (c *sample) endpoint(t *testing.T) {
	_, err := c.policy().Endpoint(c.Value)
	var fault *dial.EndpointError
	if errors.As(err, &fault) != (c.Expect == "refuse") {
		t.Fatalf("%s: got %v, want %s", c.Value, err, c.Expect)
	}
	if fault != nil && fault.Reason != c.Reason {
		t.Errorf("%s: got %q, want %q", c.Value, fault.Reason, c.Reason)
	}
}

var errUnreachable = errors.New("not connected by a test")

// attempts records connections without opening them.
type attempts struct {
	mu   sync.Mutex
	list []string
}

func (a *attempts) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, netip.MustParseAddrPort(address).Addr().String())
	return errUnreachable
}

func (a *attempts) sorted() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(slices.Values(a.list))
}

func (c *sample) resolve(t *testing.T) {
	var tried attempts
	guard := dial.New(dial.Config{
		Policy: c.policy(), Resolver: newZone().set(c.Host, c.Answers).resolver(),
		Control: tried.control,
	})
	err := get(t, guard.Client(dial.URLSource), "https://"+c.Host+"/")
	if !problem.Is(err, problem.Refused) {
		t.Errorf("got %v", err)
	}
	want := slices.Sorted(slices.Values(c.Connect))
	if diff := cmp.Diff(want, tried.sorted()); diff != "" || (len(want) > 0) != (c.Expect == "allow") {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
}

// hops redirects each address of a chain to the next, and the
// last with 200.
type hops struct {
	chain  []string
	asked  []string
	secret string // header of the last request
}

func (h *hops) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked, h.secret = append(h.asked, r.URL.String()), r.Header.Get("X-Api-Key")
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
	if n := len(h.asked); n < len(h.chain) {
		response.StatusCode = http.StatusFound
		response.Header.Set("Location", h.chain[n])
	}
	return response, nil
}

func (c *sample) redirect(t *testing.T) {
	way := &hops{chain: c.Chain}
	client := *dial.New(dial.Config{Policy: c.policy()}).Client(c.Use)
	client.Transport = way
	err := get(t, &client, c.Chain[0])
	if c.Expect == "allow" {
		if err != nil || !slices.Equal(way.asked, c.Chain) || (way.secret != "") != c.HeadersKept {
			t.Errorf("got %v, asked %v with header %q", err, way.asked, way.secret)
		}
		return
	}
	var refused *dial.RefusedError
	if !errors.As(err, &refused) || refused.Reason != c.Reason || !problem.Is(err, problem.Refused) {
		t.Errorf("got %v (%+v), want %q", err, refused, c.Reason)
	}
	if slices.Contains(way.asked, c.Chain[len(c.Chain)-1]) {
		t.Errorf("asked %v", way.asked)
	}
}

// get sends a request with one of the source's own headers.
func get(t testing.TB, client *http.Client, address string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", "k-secret")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}
