package openid_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/openid/openidtest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

const callback = "https://windlass.example.com/sign-in/callback"

// stage is an issuer that is not ours, and a client of it.
type stage struct {
	*openid.SignIn
	issuer *openidtest.Issuer
	now    time.Time
}

func begin(t *testing.T, change ...func(*openid.Config)) *stage {
	t.Helper()
	issuer := openidtest.Start(t)
	s := &stage{issuer: issuer, now: time.Now()}
	config := openid.Config{
		Name: "Example", Issuer: issuer.URL, ClientID: issuer.ClientID, ClientSecret: secret.New(issuer.ClientSecret),
		RedirectURL: callback, HTTP: &http.Client{Timeout: 10 * time.Second}, Now: func() time.Time { return s.now },
	}
	for _, c := range change {
		c(&config)
	}
	s.SignIn = openid.New(config)
	return s
}

// visit signs in at the issuer like a browser, and returns the parameters of
// the issuer's redirect.
func (s *stage) visit(t *testing.T, address string) url.Values {
	t.Helper()
	s.issuer.SignIn("7f3a")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil {
		t.Fatal(response.Status, err)
	}
	return back.Query()
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address, flow, err := s.Begin(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := asked.Query()
	for name, want := range map[string]string{
		"response_type": "code", "scope": "openid",
		"code_challenge_method": "S256", "redirect_uri": callback, "state": flow.State, "nonce": flow.Nonce,
	} {
		if query.Get(name) != want {
			t.Errorf("%s is %q, not %q", name, query.Get(name), want)
		}
	}
	if query.Get("code_challenge") == flow.Verifier || query.Get("code_challenge") == "" {
		t.Error("the verifier itself goes to the issuer")
	}
	back := s.visit(t, address)
	got, err := s.Finish(t.Context(), flow, back)
	if err != nil || got.Issuer != s.issuer.URL || got.Subject != "7f3a" {
		t.Errorf("it is %+v: %v", got, err)
	}
	if _, err := s.Finish(t.Context(), flow, back); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a code is taken twice: %v", err)
	}
}

func TestAttackSignIn(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *stage, flow *openid.Flow, back url.Values){
		"another state": func(_ *stage, _ *openid.Flow, back url.Values) { back.Set("state", "x") },
		"no state":      func(_ *stage, _ *openid.Flow, back url.Values) { back.Del("state") },
		"no flow at all": func(_ *stage, flow *openid.Flow,
			back url.Values,
		) {
			*flow = openid.Flow{}
			back.Del("state")
		},
		"another nonce":    func(_ *stage, flow *openid.Flow, _ url.Values) { flow.Nonce = "x" },
		"another verifier": func(_ *stage, flow *openid.Flow, _ url.Values) { flow.Verifier = "x" },
		"another code":     func(_ *stage, _ *openid.Flow, back url.Values) { back.Set("code", "x") },
		"no code":          func(_ *stage, _ *openid.Flow, back url.Values) { back.Del("code") },
		"an error":         func(_ *stage, _ *openid.Flow, back url.Values) { back.Set("error", "access_denied") },
		"another issuer's word": func(_ *stage, _ *openid.Flow,
			back url.Values,
		) {
			back.Set("iss", "https://evil.example.com")
		},
		"a late return": func(s *stage, _ *openid.Flow,
			_ url.Values,
		) {
			s.now = s.now.Add(openid.FlowLifetime)
		},
		"a long-gone token": func(s *stage, flow *openid.Flow,
			_ url.Values,
		) {
			s.now = s.now.Add(24 * time.Hour)
			flow.Begun = s.now
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			address, flow, err := s.Begin(t.Context(), false)
			if err != nil {
				t.Fatal(err)
			}
			back := s.visit(t, address)
			spoil(s, &flow, back)
			if got, err := s.Finish(t.Context(), flow, back); !problem.Is(err, problem.Unauthenticated) {
				t.Errorf("it is %+v: %v", got, err)
			}
		})
	}
}

func TestIssuerThatIsAnother(t *testing.T) {
	t.Parallel()
	s := begin(t, func(c *openid.Config) { c.Issuer += "/" })
	if _, _, err := s.Begin(t.Context(), false); !problem.Is(err, problem.Unavailable) {
		t.Errorf("an issuer that names itself otherwise: %v", err)
	}
	s = begin(t, func(c *openid.Config) { c.Issuer = "http://127.0.0.1:1" })
	if _, _, err := s.Begin(t.Context(), false); !problem.Is(err, problem.Unavailable) {
		t.Errorf("an issuer that doesn't respond: %v", err)
	}
}
