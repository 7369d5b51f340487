package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// This file translates between AWS and versitygw where their wording differs:
// the principals of a bucket policy, and one full stop.

// inAWSWords returns the request that AWS expects. versitygw's tests name a
// user in a bucket policy by its access key, while AWS needs an ARN. Such a
// policy gets the ARN and is signed again with the caller's own key. Every
// other request stays as it is, and so does a policy that isn't correctly
// signed, or that names an unknown user.
func (a *admin) inAWSWords(r *http.Request) (*http.Request, error) {
	if r.Method != http.MethodPut || !r.URL.Query().Has("policy") {
		return r, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	caller, signed := a.signer(r, body)
	policy, changed := withARNs(body, a.arns())
	if !signed || !changed {
		return r, nil
	}
	return signAgain(r, caller, policy)
}

// signer returns the user who signed a request.
func (a *admin) signer(r *http.Request, body []byte) (user, bool) {
	signature, err := sigv4.Parse(r)
	if err != nil || signature == nil {
		return user{}, false
	}
	a.mu.Lock()
	who, known := a.users[signature.AccessKeyID]
	a.mu.Unlock()
	return who, known &&
		signature.Verify(
			r,
			sigv4.SigningKey(who.secret, signature.Scope),
			sigv4.Hash(body),
			time.Now(), //nolint:forbidigo // not part of the server
		) == nil
}

func (a *admin) arns() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	arns := map[string]string{}
	for access, u := range a.users {
		arns[access] = u.arn
	}
	return arns
}

// withARNs replaces access keys in a bucket policy with the users' ARNs, and
// reports whether it changed anything.
func withARNs(policy []byte, arns map[string]string) (_ []byte, changed bool) {
	var document struct {
		Version   any              `json:",omitempty"`
		ID        any              `json:"Id,omitempty"`
		Statement []map[string]any // the tests use no other form
	}
	decoder := json.NewDecoder(bytes.NewReader(policy))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&document) != nil {
		return policy, false
	}
	for _, statement := range document.Statement {
		principal := statement["Principal"]
		if typed, ok := principal.(map[string]any); ok && len(typed) == 1 {
			principal = typed["AWS"]
		}
		if named := arnsOf(principal, arns); named != nil {
			statement["Principal"], changed = map[string]any{"AWS": named}, true
		}
	}
	text, err := json.Marshal(document)
	return text, changed && err == nil
}

// arnsOf returns the ARNs of one user or a list of them, or nil if one doesn't
// exist.
func arnsOf(principal any, arns map[string]string) any {
	switch p := principal.(type) {
	case string:
		if arn, known := arns[p]; known {
			return arn
		}
	case []any:
		named := make([]any, len(p))
		for i := range p {
			if named[i] = arnsOf(p[i], arns); named[i] == nil {
				return nil
			}
		}
		if len(named) > 0 {
			return named
		}
	}
	return nil
}

// signAgain returns a request with another body, signed by its caller.
func signAgain(r *http.Request, caller user, body []byte) (*http.Request, error) {
	hash := sigv4.Hash(body)
	anew := r.Clone(r.Context())
	anew.Body, anew.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	anew.Header = http.Header{"Content-Type": {"application/json"}, "X-Amz-Content-Sha256": {hash}}
	keys := aws.Credentials{AccessKeyID: caller.access, SecretAccessKey: caller.secret}
	return anew, sign(r.Context(), keys, anew, hash)
}

func sign(ctx context.Context, keys aws.Credentials, r *http.Request, hash string) error {
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return signer.SignHTTP(
		ctx,
		keys,
		r,
		hash,
		"s3",
		sandbox.DefaultRegion,
		time.Now(), //nolint:forbidigo // not part of the server
	)
}

// inVersitygwWords is a response with versitygw's wording: "Access Denied."
// has a full stop.
type inVersitygwWords struct {
	http.ResponseWriter
	refused bool
	body    bytes.Buffer // of an error response
}

// WriteHeader delays an error response until all of it is written.
func (w *inVersitygwWords) WriteHeader(status int) {
	if w.refused = status == http.StatusForbidden; !w.refused {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write writes a part of the response.
func (w *inVersitygwWords) Write(p []byte) (int, error) {
	if w.refused {
		return w.body.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *inVersitygwWords) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end writes the delayed error response.
func (w *inVersitygwWords) end() {
	if !w.refused {
		return
	}
	text := bytes.Replace(
		w.body.Bytes(),
		[]byte("<Message>Access Denied</Message>"),
		[]byte("<Message>Access Denied.</Message>"),
		1,
	)
	if len(text) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	}
	w.ResponseWriter.WriteHeader(http.StatusForbidden)
	_, _ = w.ResponseWriter.Write(text) // the client may have disconnected
}
