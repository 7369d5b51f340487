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

// What versitygw words otherwise than AWS is told to each side in its own words:
// whom a bucket policy names, and one full stop.

// inAWSWords returns a request as AWS would be asked the same. versitygw's tests
// name a user in a bucket policy by the access key alone, for which AWS has an
// ARN. Such a policy is put with the ARN, signed again by the caller's own key;
// every other request is the one that came, and so is a policy that the caller
// has not signed well, or that names somebody who is not there.
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
	return signAnew(r, caller, policy)
}

// signer returns who has signed a request.
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
			time.Now(), //nolint:forbidigo // a program of its own
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

// withARNs puts the ARN of each user where a bucket policy has the access key,
// and reports whether it did.
func withARNs(policy []byte, arns map[string]string) (_ []byte, changed bool) {
	var document struct {
		Version   any              `json:",omitempty"`
		ID        any              `json:"Id,omitempty"`
		Statement []map[string]any // the tests write no other form of it
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

// arnsOf returns the ARNs of one user or a list of them; nil where one of them
// is not there.
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

// signAnew returns a request with another body, signed by its caller.
func signAnew(r *http.Request, caller user, body []byte) (*http.Request, error) {
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
		time.Now(), //nolint:forbidigo // a program of its own
	)
}

// inVersitygwWords is an answer as versitygw gives it: "Access Denied." has a
// full stop.
type inVersitygwWords struct {
	http.ResponseWriter
	refused bool
	body    bytes.Buffer // of a refusal
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

// Unwrap is for http.ResponseController.
func (w *inVersitygwWords) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end sends a refusal.
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
	_, _ = w.ResponseWriter.Write(text) // the client may be gone
}
