package sigv4_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

func at() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

// received returns a client's request as a server sees it.
func received(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	in := httptest.NewRequest(r.Method, r.URL.RequestURI(), r.Body)
	in.Host, in.Header, in.ContentLength = r.Host, r.Header.Clone(), r.ContentLength
	return in
}

// signed returns a request that the SDK's own signer has signed for S3.
func signed(t testing.TB, method, url, payload string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Content-Sha256", payload)
	if change != nil {
		change(r)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(
		t.Context(),
		aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret},
		r,
		payload,
		"s3",
		"eu-west-1",
		at(),
	); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

func verify(r *http.Request, secret string, now time.Time) error {
	s, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if s.Presigned {
		payload = sigv4.UnsignedPayload
	}
	return s.Verify(r, sigv4.SigningKey(secret, s.Scope), payload, now)
}

func kind(err error) sigv4.Kind {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

func TestSDKSignatures(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"plain":           "http://127.0.0.1:9000/bucket/key",
		"root":            "http://127.0.0.1:9000/",
		"no path":         "http://127.0.0.1:9000",
		"odd characters":  "http://127.0.0.1:9000/bucket/a%20b%2Bc%C3%BC~%2A%27%28%29%21/x",
		"double slash":    "http://127.0.0.1:9000/bucket//a//b/",
		"dots":            "http://127.0.0.1:9000/bucket/../x/./y",
		"a sub-resource":  "http://127.0.0.1:9000/bucket?policy",
		"unsorted query":  "http://127.0.0.1:9000/bucket?prefix=a%2Fb&list-type=2&delimiter=%2F&b=&a=2&a=1",
		"query with plus": "http://127.0.0.1:9000/bucket?prefix=a%20b%2Bc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := verify(signed(t, http.MethodGet, url, sigv4.EmptyHash, nil), secret, at()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTampering(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:9000/bucket/key?versionId=1"
	change := func(name, from, to string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, strings.Replace(r.Header.Get(name), from, to, 1)) }
	}
	for name, test := range map[string]struct {
		tamper func(*http.Request)
		want   sigv4.Kind
	}{
		"untouched":         {func(*http.Request) {}, 0},
		"another method":    {func(r *http.Request) { r.Method = http.MethodDelete }, sigv4.Mismatch},
		"another key":       {func(r *http.Request) { r.URL.Path = "/bucket/other" }, sigv4.Mismatch},
		"another query":     {func(r *http.Request) { r.URL.RawQuery = "versionId=2" }, sigv4.Mismatch},
		"more in the query": {func(r *http.Request) { r.URL.RawQuery += "&acl" }, sigv4.Mismatch},
		"another host":      {func(r *http.Request) { r.Host = "elsewhere" }, sigv4.Mismatch},
		"another header":    {func(r *http.Request) { r.Header.Set("X-Amz-Meta-A", "2") }, sigv4.Mismatch},
		"a header not signed": {
			func(r *http.Request) { r.Header.Set("X-Amz-Acl", "public-read") },
			sigv4.HeaderNotSigned,
		},
		"another payload": {
			func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", sigv4.UnsignedPayload) },
			sigv4.Mismatch,
		},
		"another region":  {change("Authorization", "eu-west-1", "us-east-1"), sigv4.Mismatch},
		"another service": {change("Authorization", "/s3/", "/sts/"), sigv4.Mismatch},
		"another day":     {change("Authorization", "20260131", "20260130"), sigv4.DateMismatch},
		"host left out":   {change("Authorization", "host;", ""), sigv4.HeaderNotSigned},
		"cut short": {func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", h[:len(h)-2])
		}, sigv4.Mismatch},
		"no signature": {change("Authorization", "Signature=", "Nothing="), sigv4.Incomplete},
		"version 2": {
			func(r *http.Request) { r.Header.Set("Authorization", "AWS AKID:sig") },
			sigv4.UnsupportedAlgorithm,
		},
		"wrong terminator": {change("Authorization", "aws4_request", "aws5_request"), sigv4.WrongTerminator},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(
				t,
				http.MethodGet,
				url,
				sigv4.EmptyHash,
				func(r *http.Request) { r.Header.Set("X-Amz-Meta-A", "1") },
			)
			test.tamper(r)
			if got := kind(verify(r, secret, at())); got != test.want {
				t.Errorf("got kind %d, want %d", got, test.want)
			}
		})
	}
	if got := kind(
		verify(signed(t, http.MethodGet, url, sigv4.EmptyHash, nil), "another secret", at()),
	); got != sigv4.Mismatch {
		t.Errorf("with another secret: kind %d", got)
	}
}

func TestSkew(t *testing.T) {
	t.Parallel()
	for offset, want := range map[time.Duration]sigv4.Kind{
		0: 0, 15 * time.Minute: 0, -15 * time.Minute: 0, 15*time.Minute + time.Second: sigv4.Skewed,
		-15*time.Minute - time.Second: sigv4.Skewed,
	} {
		if got := kind(
			verify(signed(t, http.MethodGet, "http://h/b", sigv4.EmptyHash, nil), secret, at().Add(offset)),
		); got != want {
			t.Errorf("%s from now: kind %d, want %d", offset, got, want)
		}
	}
}

func presigned(t testing.TB, expires string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodGet,
		"http://127.0.0.1:9000/bucket/a%20b?X-Amz-Expires="+expires,
		nil,
	)
	if err != nil {
		t.Fatal(err)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	url, header, err := signer.PresignHTTP(
		t.Context(),
		aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret},
		r,
		sigv4.UnsignedPayload,
		"s3",
		"eu-west-1",
		at(),
	)
	if err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(url, "http://127.0.0.1:9000"), nil)
	in.Host, in.Header = "127.0.0.1:9000", header
	in.Header.Del("Host")
	return in
}

func TestPresigned(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expires string
		after   time.Duration
		want    sigv4.Kind
	}{
		"at once":         {"60", 0, 0},
		"in time":         {"60", 60 * time.Second, 0},
		"too late":        {"60", 61 * time.Second, sigv4.Expired},
		"from the future": {"60", -16 * time.Minute, sigv4.NotYetValid},
		"longer than is":  {"604801", 0, sigv4.LongExpires},
		"negative":        {"-1", 0, sigv4.NegativeExpires},
		"no number":       {"x", 0, sigv4.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := kind(verify(presigned(t, test.expires), secret, at().Add(test.after))); got != test.want {
				t.Errorf("got kind %d, want %d", got, test.want)
			}
		})
	}
	r := presigned(t, "60")
	r.URL.RawQuery += "&response-content-type=text%2Fhtml"
	if got := kind(verify(r, secret, at())); got != sigv4.Mismatch {
		t.Errorf("with more in the query: kind %d", got)
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	s, err := sigv4.Parse(httptest.NewRequest(http.MethodGet, "/bucket?prefix=x", nil))
	if s != nil || err != nil {
		t.Errorf("got %+v, %v", s, err)
	}
}

// signChunks encodes a body as STREAMING-AWS4-HMAC-SHA256-PAYLOAD: each chunk
// is signed, in a chain that begins with the request's signature.
func signChunks(s *sigv4.Signature, trailer string, parts ...string) string {
	mac := func(text string) string {
		h := hmac.New(sha256.New, sigv4.SigningKey(secret, s.Scope))
		h.Write([]byte(text))
		return hex.EncodeToString(h.Sum(nil))
	}
	head := "\n" + at().Format("20060102T150405Z") + "\n" + s.Scope.String() + "\n"
	previous, b := s.Value, strings.Builder{}
	for _, part := range append(parts, "") {
		previous = mac(
			"AWS4-HMAC-SHA256-PAYLOAD" + head + previous + "\n" + sigv4.EmptyHash + "\n" + sigv4.Hash([]byte(part)),
		)
		fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n", len(part), previous)
		if part != "" {
			b.WriteString(part + "\r\n")
		}
	}
	if trailer != "" {
		signature := mac("AWS4-HMAC-SHA256-TRAILER" + head + previous + "\n" + sigv4.Hash([]byte(trailer+"\n")))
		b.WriteString(trailer + "\r\nx-amz-trailer-signature:" + signature + "\r\n")
	}
	return b.String() + "\r\n"
}

// head is the minimum size of the first of two chunks.
var head = strings.Repeat("he", sigv4.MinChunk/2)

func TestSignedChunks(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	replace := func(from, to string) func(string) string {
		return func(s string) string { return strings.Replace(s, from, to, 1) }
	}
	for name, test := range map[string]struct {
		kind   string
		tamper func(string) string
		want   sigv4.Kind
	}{
		"whole":               {sigv4.StreamingSigned, same, 0},
		"whole, with trailer": {sigv4.StreamingSignedTrailer, same, 0},
		"another byte":        {sigv4.StreamingSigned, replace("llo", "llO"), sigv4.ChunkMismatch},
		"another trailer":     {sigv4.StreamingSignedTrailer, replace("NhCmhg", "NhCmhh"), sigv4.ChunkMismatch},
		"no trailer signature": {
			sigv4.StreamingSignedTrailer, replace("x-amz-trailer-signature:", "x-amz-other:"),
			sigv4.ChunkMalformed,
		},
		"no chunk signature": {sigv4.StreamingSigned, replace("chunk-signature", "signature"), sigv4.ChunkMalformed},
		"chunks changed about": {sigv4.StreamingSigned, func(s string) string {
			first, rest, _ := strings.Cut(s, "3;")
			second, last, _ := strings.Cut(rest, "0;")
			return "3;" + second + first + "0;" + last
		}, sigv4.ChunkMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, http.MethodPut, "http://h/b/k", test.kind, func(r *http.Request) {
				r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(len(head)+3))
				if test.kind == sigv4.StreamingSignedTrailer {
					r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
				}
			})
			s, err := sigv4.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			trailer := ""
			if test.kind == sigv4.StreamingSignedTrailer {
				trailer = "x-amz-checksum-crc32:NhCmhg=="
			}
			r.Body = io.NopCloser(strings.NewReader(test.tamper(signChunks(s, trailer, head, "llo"))))
			text, _, err := readBody(r, s, sigv4.SigningKey(secret, s.Scope))
			if kind(err) != test.want || test.want == 0 && (err != nil || text != head+"llo") {
				t.Errorf("got %d bytes, %v; want kind %d", len(text), err, test.want)
			}
		})
	}
}

func TestHashedBody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent string
		want sigv4.Kind
	}{
		"the signed one": {"hello", 0},
		"another":        {"hellO", sigv4.PayloadMismatch},
		"a shorter one":  {"hell", sigv4.PayloadMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, http.MethodPut, "http://h/b/k", sigv4.Hash([]byte("hello")), nil)
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(test.sent)), int64(len(test.sent))
			s, err := sigv4.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := sigv4.NewBody(r, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(body); kind(err) != test.want {
				t.Errorf("got %v, want kind %d", err, test.want)
			}
		})
	}
}

func TestUnsignedTrailer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body, length, trailer string
		want                  sigv4.Kind
		broken                bool
	}{
		"whole": {
			"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5",
			"x-amz-checksum-crc32", 0, false,
		},
		"two chunks": {
			"2000\r\n" + head + "\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
			"8197", "x-amz-checksum-crc32", 0, false,
		},
		"a small chunk before": {"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "5", "", sigv4.ChunkTooSmall, true},
		"line feeds alone":     {"5\nhello\n0\n\n", "5", "", sigv4.ChunkMalformed, true},
		"trailer cut short": {
			"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n", "5", "x-amz-checksum-crc32",
			0, true,
		},
		"no trailer": {"5\r\nhello\r\n0\r\n\r\n", "5", "", 0, false},
		"trailer missing": {
			"5\r\nhello\r\n0\r\n\r\n", "5", "x-amz-checksum-crc32", sigv4.TrailerMalformed,
			true,
		},
		"trailer not announced": {
			"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", "",
			sigv4.TrailerMalformed, true,
		},
		"shorter than it is said": {"5\r\nhello\r\n0\r\n\r\n", "6", "", sigv4.LengthMismatch, true},
		"longer than it is said":  {"5\r\nhello\r\n0\r\n\r\n", "4", "", sigv4.LengthMismatch, true},
		"no hexadecimal":          {"z\r\nhello\r\n0\r\n\r\n", "5", "", sigv4.ChunkMalformed, true},
		"negative":                {"-5\r\nhello\r\n0\r\n\r\n", "5", "", sigv4.ChunkMalformed, true},
		"no end of the chunk":     {"5\r\nhelloX\r\n0\r\n\r\n", "5", "", sigv4.ChunkMalformed, true},
		"cut in a chunk":          {"5\r\nhel", "5", "", 0, true},
		"cut before the last":     {"5\r\nhello\r\n", "5", "", 0, true},
		"an endless line":         {strings.Repeat("1", 10_000), "5", "", sigv4.ChunkMalformed, true},
		"no length":               {"5\r\nhello\r\n0\r\n\r\n", "", "", sigv4.LengthMissing, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPut, "/b/k", strings.NewReader(test.body))
			r.Header.Set("X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer)
			r.Header.Set("X-Amz-Decoded-Content-Length", test.length)
			r.Header.Set("X-Amz-Trailer", test.trailer)
			text, trailer, err := readBody(r, nil, nil)
			if (err != nil) != test.broken || kind(err) != test.want {
				t.Fatalf("got %v, want kind %d", err, test.want)
			}
			if err == nil &&
				(strings.TrimPrefix(text, head) != "hello" ||
					test.trailer != "" && trailer.Get(test.trailer) != "NhCmhg==") {
				t.Errorf("got %q with %v", text, trailer)
			}
		})
	}
}

func readBody(r *http.Request, s *sigv4.Signature, key []byte) (string, http.Header, error) {
	body, err := sigv4.NewBody(r, s, key)
	if err != nil {
		return "", nil, err
	}
	text, err := io.ReadAll(body)
	return string(text), body.Trailer(), err
}

func FuzzParse(f *testing.F) {
	f.Add(
		"GET",
		"/b/k?X-Amz-Signature=1",
		"AWS4-HMAC-SHA256 Credential=a/20260131/r/s3/aws4_request, SignedHeaders=host;x, Signature=00",
		"20260131T120000Z",
		"b",
	)
	f.Add(
		"PUT",
		"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2Fc%2Fd%2Faws4_request&X-Amz-Date=20260131T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=9",
		"",
		"",
		"5\r\nhello\r\n",
	)
	f.Fuzz(func(t *testing.T, method, target, authorization, date, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://h"+target, strings.NewReader(body))
		if err != nil {
			return // no server would receive it
		}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", date)
		if authorization == "" {
			r.Header.Del("Authorization")
		}
		s, err := sigv4.Parse(r)
		if err != nil || s == nil {
			return
		}
		if err := s.Verify(r, sigv4.SigningKey(secret, s.Scope), sigv4.UnsignedPayload, s.Time); err == nil {
			t.Fatal("a signature that nobody made is taken")
		}
	})
}

func FuzzChunks(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"), "5", "x-amz-checksum-crc32")
	f.Add([]byte("ffffffffffffffff\r\n"), "9223372036854775807", "")
	f.Fuzz(func(t *testing.T, body []byte, length, trailer string) {
		r := httptest.NewRequest(http.MethodPut, "/b/k", bytes.NewReader(body))
		r.Header.Set("X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer)
		r.Header.Set("X-Amz-Decoded-Content-Length", length)
		r.Header.Set("X-Amz-Trailer", trailer)
		in, err := sigv4.NewBody(r, nil, nil)
		if err != nil {
			return
		}
		text, err := io.ReadAll(in)
		if err == nil && int64(len(text)) != in.Length {
			t.Fatalf("%d bytes were taken for %d", len(text), in.Length)
		}
	})
}
