package openidtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// metadata serves OpenID Provider Metadata (OpenID Connect Discovery, section 3).
func (i *Issuer) metadata(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		"jwks_uri": i.JWKSURL, "response_types_supported": []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": i.NamesItself.Load(),
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, i.Key().Set())
}

// authorize signs in the next person without a question, and redirects back
// with a code.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || !redirect.IsAbs() || query.Get("client_id") != i.ClientID {
		http.Error(w, "unknown client_id or redirect_uri", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {query.Get("state")}}
	if i.NamesItself.Load() {
		back.Set("iss", i.URL)
	}
	switch {
	case query.Get("response_type") != "code":
		back.Set("error", "unsupported_response_type")
	case !slices.Contains(strings.Fields(query.Get("scope")), "openid"):
		back.Set("error", "invalid_scope")
	case query.Get("code_challenge_method") != "S256" || query.Get("code_challenge") == "":
		back.Set("error", "invalid_request")
	default:
		back.Set("code", i.begin(login{
			nonce: query.Get("nonce"), challenge: query.Get("code_challenge"), redirect: query.Get("redirect_uri"),
		}))
	}
	redirect.RawQuery = back.Encode()
	http.Redirect(w, r, redirect.String(), http.StatusFound) //nolint:gosec // a test sends its own address
}

// begin stores a sign-in of the next subject and returns its code.
func (i *Issuer) begin(l login) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	l.subject = "nobody"
	if len(i.subjects) > 0 {
		l.subject, i.subjects = i.subjects[0], i.subjects[1:]
	}
	code := rand.Text()
	i.logins[code] = l
	return code
}

// redeem returns the sign-in of a code, and removes it.
func (i *Issuer) redeem(code string) (login, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	l, ok := i.logins[code]
	delete(i.logins, code)
	return l, ok
}

// token exchanges a code for an ID token (OpenID Connect Core, section 3.1.3).
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if !i.authenticates(r) {
		respond(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		respond(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
		return
	}
	l, ok := i.redeem(r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || l.redirect != r.PostFormValue("redirect_uri") ||
		l.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]) {
		respond(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	token, err := i.Key().sign(i.idToken(l))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	respond(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": lifetime / 1e9, "id_token": token,
	})
}

// authenticates reports whether a request has the client's ID and secret
// (RFC 6749, section 2.3.1).
func (i *Issuer) authenticates(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return id == i.ClientID && secret == i.ClientSecret
}
