package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// MaxLoginBytes limits the body of a command's sign-in.
const MaxLoginBytes = 4 << 10

// LoginStart describes the machine whose command signs in.
type LoginStart struct {
	Name string `json:"name,omitempty" maxLength:"100" doc:"The machine, shown to the person who approves."`
}

// LoginStarted is a sign-in that waits for a person's approval.
type LoginStarted struct {
	Device          string    `json:"device" doc:"Redeems the sign-in. Shown only once."`
	Code            string    `json:"code" doc:"For the person to approve."`
	URL             string    `json:"url" doc:"Page of the console that approves the code."`
	ExpiresAt       time.Time `json:"expires_at"`
	IntervalSeconds int       `json:"interval_seconds" doc:"Seconds to wait between two attempts to redeem."`
}

// LoginRedeem redeems a sign-in.
type LoginRedeem struct {
	Device string `json:"device" maxLength:"64"`
}

// LoginExchange exchanges an approval from a browser for a session.
type LoginExchange struct {
	Code     string `json:"code" maxLength:"64" doc:"The code that the browser passed on."`
	Verifier string `json:"code_verifier" maxLength:"128" doc:"Its SHA-256 is the code_challenge (RFC 7636)."`
	Redirect string `json:"redirect_uri" maxLength:"64" doc:"The same as in the address that the browser opened."`
}

// LoginSession is a person's session in the command line.
type LoginSession struct {
	Token     string    `json:"token" doc:"The session's token. Shown only once."`
	ID        string    `json:"id"`
	Workspace string    `json:"workspace" doc:"The workspace's ID."`
	Member    string    `json:"member" doc:"The member's e-mail address."`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *API) loginRoutes() {
	a.openJSON("start-login", "POST /v1/login", "Start the sign-in of a command", reflect.TypeFor[LoginStart](),
		reflect.TypeFor[LoginStarted](), a.startLogin)
	a.openJSON("redeem-login", "POST /v1/login/session",
		"Redeem an approved sign-in; before approval: conflict",
		reflect.TypeFor[LoginRedeem](), reflect.TypeFor[LoginSession](), a.redeemLogin)
	a.openJSON("exchange-login", "POST /v1/login/code",
		"Redeem an approval that the browser passed to a command on the same machine",
		reflect.TypeFor[LoginExchange](), reflect.TypeFor[LoginSession](), a.exchangeLogin)
}

// openJSON describes and registers an operation that needs no token.
func (a *API) openJSON(id, methodPath, summary string, in, out reflect.Type,
	handle func(http.ResponseWriter, *http.Request) error,
) {
	op := operation(id, methodPath, "Sign-in", summary)
	op.Security = []map[string][]string{}
	registry := a.huma.OpenAPI().Components.Schemas
	op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(
		in, true, in.Name())}}}
	op.Responses = map[string]*huma.Response{
		"200": {Description: summary, Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(
			out, true, out.Name())}}},
	}
	a.open(op, handle)
}

func (a *API) startLogin(w http.ResponseWriter, r *http.Request) error {
	var in LoginStart
	if err := readSmall(w, r, &in); err != nil {
		return err
	}
	started, err := a.config.Services.Login.Start(r.Context(), in.Name, door.From(r.Context()).Address)
	if err != nil {
		return err
	}
	return writeSmall(w, LoginStarted{
		Device: started.Device.Reveal(), Code: started.Code, URL: a.config.PublicURL + "/login?code=" + started.Code,
		ExpiresAt: started.ExpiresAt, IntervalSeconds: int(login.Interval / time.Second),
	})
}

func (a *API) redeemLogin(w http.ResponseWriter, r *http.Request) error {
	var in LoginRedeem
	if err := readSmall(w, r, &in); err != nil {
		return err
	}
	made, text, err := a.config.Services.Login.Redeem(r.Context(), secret.New(in.Device))
	if err != nil {
		return err
	}
	return writeSmall(w, LoginSession{
		Token: text.Reveal(), ID: made.ID, Workspace: made.Workspace, Member: made.MakerName, ExpiresAt: made.ExpiresAt,
	})
}

func (a *API) exchangeLogin(w http.ResponseWriter, r *http.Request) error {
	var in LoginExchange
	if err := readSmall(w, r, &in); err != nil {
		return err
	}
	made, text, err := a.config.Services.Login.Exchange(r.Context(), secret.New(in.Code), secret.New(in.Verifier),
		in.Redirect)
	if err != nil {
		return err
	}
	return writeSmall(w, LoginSession{
		Token: text.Reveal(), ID: made.ID, Workspace: made.Workspace, Member: made.MakerName, ExpiresAt: made.ExpiresAt,
	})
}

// readSmall reads a small JSON document without unknown members.
func readSmall(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxLoginBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		if tooMuch := overLimit(err); tooMuch != nil {
			return tooMuch
		}
		return problem.New(problem.Invalid, "The body isn't the JSON document that this call expects.").
			WithHint("See /docs for its members.")
	}
	return nil
}

func writeSmall(w http.ResponseWriter, answer any) error {
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
	return nil
}
