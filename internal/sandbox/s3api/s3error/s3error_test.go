package s3error_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

func TestWriteError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method string
		err    error
		status int
		has    []string
	}{
		"with fields": {
			http.MethodGet, s3error.NoSuchKey("a<b"), 404,
			[]string{
				"<Code>NoSuchKey</Code>", "<Key>a&lt;b</Key>", "<Resource>/b/k</Resource>",
				"<RequestId>R</RequestId>", "<HostId>H</HostId>",
			},
		},
		"of ours":      {http.MethodGet, errors.New("disk on fire"), 500, []string{"<Code>InternalError</Code>"}},
		"without body": {http.MethodHead, s3error.NoSuchKey("k"), 404, nil},
		"with a region": {
			http.MethodGet, s3error.AccessDenied("no %s", "way"), 403,
			[]string{"<Message>no way</Message>"},
		},
	} {
		out := httptest.NewRecorder()
		s3error.WriteError(out, httptest.NewRequest(test.method, "/b/k", nil), "R", "H", test.err)
		text := out.Body.String()
		if out.Code != test.status || strings.Contains(text, "disk") || test.has == nil && text != "" {
			t.Errorf("%s: %d %s", name, out.Code, text)
		}
		for _, want := range test.has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s lacks %s", name, text, want)
			}
		}
	}
}

func TestSignatureErrors(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		err  error
		code string
	}{
		"header, credential": {
			s3error.SignatureError(&sigv4.Error{Kind: sigv4.MalformedCredential}, now),
			"AuthorizationHeaderMalformed",
		},
		"query, credential": {s3error.SignatureError(&sigv4.Error{Kind: sigv4.MalformedCredential, Presigned: true},
			now), "AuthorizationQueryParametersError"},
		"skewed": {
			s3error.SignatureError(&sigv4.Error{Kind: sigv4.Skewed, Time: now}, now),
			"RequestTimeTooSkewed",
		},
		"expired": {s3error.SignatureError(&sigv4.Error{Kind: sigv4.Expired}, now), "AccessDenied"},
		"payload": {
			s3error.SignatureError(&sigv4.Error{Kind: sigv4.PayloadMismatch}, now),
			"XAmzContentSHA256Mismatch",
		},
		"small chunk": {
			s3error.SignatureError(&sigv4.Error{Kind: sigv4.ChunkTooSmall}, now),
			"InvalidChunkSizeError",
		},
		"mismatch": {
			s3error.SignatureError(&sigv4.Error{Kind: sigv4.Mismatch}, now),
			"SignatureDoesNotMatch",
		},
		"Version 2, incomplete": {s3error.SignatureV2Error(&sigv2.Error{Kind: sigv2.Incomplete}, now), "AccessDenied"},
		"Version 2, malformed": {
			s3error.SignatureV2Error(&sigv2.Error{Kind: sigv2.Malformed}, now),
			"InvalidArgument",
		},
		"another service": {
			s3error.CheckScope(&sigv4.Signature{Scope: sigv4.Scope{Service: "ec2"}}),
			"AuthorizationHeaderMalformed",
		},
		"no hash": {s3error.CheckPayload(&http.Request{}, "hello", now), "InvalidArgument"},
	} {
		if !awserror.Is(test.err, test.code) {
			t.Errorf("%s: %v, want %s", name, test.err, test.code)
		}
	}
	if err := s3error.CheckPayload(&http.Request{ContentLength: 1}, sigv4.EmptyHash, now); err != nil {
		t.Errorf("a hash: %v", err)
	}
}
