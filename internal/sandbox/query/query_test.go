package query_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

func TestParams(t *testing.T) {
	t.Parallel()
	form := "Action=CreateUser&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.4.Key=d&Names.member.1=x&Names.member.2=y&Max=7&Bad=x"
	p, err := query.Read(httptest.NewRequest(http.MethodPost, "/?Version=v", nil), []byte(form))
	if err != nil {
		t.Fatal(err)
	}
	if p.Get("Action") != "CreateUser" || p.Get("Version") != "v" {
		t.Errorf("parameters: %v", p)
	}
	if diff := cmp.Diff([]directory.Tag{{Key: "a", Value: "1"}, {Key: "b"}}, p.Tags("Tags")); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"x", "y"}, p.List("Names")); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	for name, want := range map[string]int{"Max": 7, "None": 3} {
		if n, err := p.Int(name, 3); n != want || err != nil {
			t.Errorf("%s is %d, %v", name, n, err)
		}
	}
	if _, err := p.Int("Bad", 3); !awserror.Is(err, "MalformedInput") {
		t.Errorf("a number in words: %v", err)
	}
	if _, err := query.Read(
		httptest.NewRequest(http.MethodPost, "/", nil),
		[]byte("%"),
	); !awserror.Is(
		err,
		"MalformedQueryString",
	) {
		t.Errorf("a malformed form: %v", err)
	}
	large := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", query.MaxBody+1)))
	if _, err := query.ReadBody(large, query.MaxBody); !awserror.Is(err, "RequestEntityTooLarge") {
		t.Errorf("a large body: %v", err)
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	protocol := query.XML{Namespace: "https://example.com/doc/", Failure: "ServiceFailure"}
	out := httptest.NewRecorder()
	if err := protocol.Write(out, "R", "GetUser", struct{ Name string }{"a&b"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<GetUserResponse ` +
		`xmlns="https://example.com/doc/">`, "<Name>a&amp;b</Name>", "<RequestId>R</RequestId>"} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("%s lacks %s", out.Body, want)
		}
	}
	for name, test := range map[string]struct {
		err  error
		has  []string
		code int
	}{
		"of the caller": {
			query.MissingToken(),
			[]string{"<Type>Sender</Type>", "<Code>MissingAuthenticationToken</Code>"},
			403,
		},
		"of ours": {
			errors.New("disk on fire"),
			[]string{"<Type>Receiver</Type>", "<Code>ServiceFailure</Code>"},
			500,
		},
		"unknown action": {
			protocol.UnknownAction("X", "v"),
			[]string{"AWSFault/2005-15-09", "Could not find operation X for version v"},
			400,
		},
	} {
		out := httptest.NewRecorder()
		protocol.WriteError(out, "R", test.err)
		for _, want := range test.has {
			if !strings.Contains(out.Body.String(), want) || out.Code != test.code ||
				strings.Contains(out.Body.String(), "fire") {
				t.Errorf("%s: %d %s, want %s", name, out.Code, out.Body, want)
			}
		}
	}
}

func TestSignatureError(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	signed := httptest.NewRequest(http.MethodPost, "/", nil)
	signed.Header.Set("Authorization", "AWS4-HMAC-SHA256 x")
	for name, test := range map[string]struct {
		err  *sigv4.Error
		code string
	}{
		"incomplete": {&sigv4.Error{Kind: sigv4.Incomplete, Part: "Signature"}, "IncompleteSignature"},
		"expired":    {&sigv4.Error{Kind: sigv4.Skewed, Time: now.Add(-time.Hour)}, "SignatureDoesNotMatch"},
		"mismatch":   {&sigv4.Error{Kind: sigv4.Mismatch}, "SignatureDoesNotMatch"},
		"Version 2":  {&sigv4.Error{Kind: sigv4.UnsupportedAlgorithm, Part: "AWS"}, "IncompleteSignature"},
	} {
		if err := query.SignatureError(signed, test.err, now); !awserror.Is(err, test.code) {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}
