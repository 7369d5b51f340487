package sigv2_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/sigv2"
)

// The keys of AWS's own examples.
const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

func subresource(name string) bool { return name == "acl" || strings.HasPrefix(name, "response-") }

func kind(err error) sigv2.Kind {
	var e *sigv2.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// verify verifies a request for the bucket in its host name.
func verify(r *http.Request, now time.Time) error {
	s, err := sigv2.Parse(r)
	if err != nil {
		return err
	}
	return s.Verify(r, secret, strings.TrimSuffix(r.Host, ".s3"), subresource, now)
}

// TestExamples verifies the examples of
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, host, target, date, signature string
		header                                http.Header
	}{
		"get": {
			"GET", "johnsmith.s3", "/photos/puppy.jpg", "Tue, 27 Mar 2007 19:36:42 +0000",
			"bWq2s1WEIj+Ydj0vQ697zp+IXMU=", nil,
		},
		"put": {
			"PUT", "johnsmith.s3", "/photos/puppy.jpg", "Tue, 27 Mar 2007 21:15:45 +0000",
			"MyyxeRY7whkBe+bq8fHCL/2kKUg=",
			http.Header{"Content-Type": {"image/jpeg"}},
		},
		"list": {
			"GET", "johnsmith.s3", "/?prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000",
			"htDYFYduRNen8P9ZfE/s9SuKy0U=", nil,
		},
		"acl": {"GET", "johnsmith.s3", "/?acl", "Tue, 27 Mar 2007 19:44:46 +0000", "c2WLPFtWHVgbEmeEG93a4cG37dM=", nil},
		"upload": {
			"PUT", "static.johnsmith.net.s3", "/db-backup.dat.gz", "Tue, 27 Mar 2007 21:06:08 +0000",
			"ilyl83RwaSoYIEdixDQcA4OnAnc=",
			http.Header{
				"X-Amz-Acl": {"public-read"}, "Content-Type": {"application/x-download"},
				"Content-Md5": {"4gJE4saaMU4BqNR0kLY+lw=="}, "Content-Encoding": {"gzip"},
				"X-Amz-Meta-Reviewedby":   {"joe@johnsmith.net", "jane@johnsmith.net"},
				"X-Amz-Meta-Filechecksum": {"0x02661779"}, "X-Amz-Meta-Checksumalgorithm": {"crc32"},
			},
		},
		"buckets": {"GET", "", "/", "Wed, 28 Mar 2007 01:29:59 +0000", "qGdzdERIC03wnaRNKh6OqZehG9s=", nil},
		"unicode": {
			"GET", "", "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re", "Wed, 28 Mar 2007 01:49:49 +0000",
			"DNEZGsoieTZ92F3bUfSPQcbGmlM=", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, test.target, nil)
			r.Host = test.host
			for name, values := range test.header {
				r.Header[name] = values
			}
			r.Header.Set("Date", test.date)
			r.Header.Set("Authorization", "AWS "+keyID+":"+test.signature)
			at, err := time.Parse(time.RFC1123Z, test.date)
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(r, at); err != nil {
				t.Error(err)
			}
			if got := kind(verify(r, at.Add(16*time.Minute))); got != sigv2.Skewed {
				t.Errorf("after sixteen minutes: kind %d, want skewed", got)
			}
			r.Method = http.MethodDelete
			if got := kind(verify(r, at)); got != sigv2.Mismatch {
				t.Errorf("as a deletion: kind %d, want mismatch", got)
			}
		})
	}
}

// presigned returns the example of a presigned URL with changes.
func presigned(change func(*http.Request, url.Values)) *http.Request {
	query := url.Values{
		"AWSAccessKeyId": {keyID},
		"Signature":      {"NpgCjnDzrM+WFzoENXmpNDUsSn8="},
		"Expires":        {"1175139620"},
	}
	r := httptest.NewRequest(http.MethodGet, "/photos/puppy.jpg", nil)
	r.Host = "johnsmith.s3"
	if change != nil {
		change(r, query)
	}
	r.URL.RawQuery = query.Encode()
	return r
}

func TestPresigned(t *testing.T) {
	t.Parallel()
	expiry := time.Unix(1175139620, 0)
	for name, test := range map[string]struct {
		change func(*http.Request, url.Values)
		late   time.Duration
		want   sigv2.Kind
	}{
		"whole":              {late: -time.Second},
		"whole, long before": {late: -30 * 24 * time.Hour},
		"with what is not signed": {
			change: func(_ *http.Request, q url.Values) { q.Set("prefix", "p") },
			late:   -time.Second,
		},
		"at its end":    {want: sigv2.Expired},
		"after its end": {late: time.Hour, want: sigv2.Expired},
		"a later end": {change: func(_ *http.Request, q url.Values) {
			q.Set("Expires",
				"1175139621")
		}, late: -time.Second, want: sigv2.Mismatch},
		"an end that is no number": {
			change: func(_ *http.Request, q url.Values) { q.Set("Expires", "soon") },
			want:   sigv2.BadExpires,
		},
		"an end before all time": {
			change: func(_ *http.Request, q url.Values) { q.Set("Expires", "-1") },
			want:   sigv2.BadExpires,
		},
		"an end after all time": {change: func(_ *http.Request, q url.Values) {
			q.Set("Expires",
				"253402300800")
		}, want: sigv2.BadExpires},
		"two ends": {change: func(_ *http.Request, q url.Values) {
			q.Add("Expires",
				"9999999999")
		}, want: sigv2.Incomplete},
		"no end": {
			change: func(_ *http.Request, q url.Values) { q.Del("Expires") },
			want:   sigv2.Incomplete,
		},
		"no signature": {
			change: func(_ *http.Request, q url.Values) { q.Del("Signature") },
			want:   sigv2.Incomplete,
		},
		"no key": {
			change: func(_ *http.Request, q url.Values) { q.Del("AWSAccessKeyId") },
			want:   sigv2.Incomplete,
		},
		"another object": {
			change: func(r *http.Request, _ url.Values) { r.URL.Path = "/photos/kitten.jpg" },
			late:   -time.Second, want: sigv2.Mismatch,
		},
		"another bucket": {
			change: func(r *http.Request, _ url.Values) { r.Host = "janesmith.s3" },
			late:   -time.Second, want: sigv2.Mismatch,
		},
		"a sub-resource more": {
			change: func(_ *http.Request, q url.Values) { q.Set("acl", "") },
			late:   -time.Second, want: sigv2.Mismatch,
		},
		"an overriding header more": {
			change: func(_ *http.Request, q url.Values) { q.Set("response-content-type", "x") },
			late:   -time.Second, want: sigv2.Mismatch,
		},
		"an amz header more": {change: func(r *http.Request, _ url.Values) {
			r.Header.Set("X-Amz-Acl",
				"public-read")
		}, late: -time.Second, want: sigv2.Mismatch},
		"an amz header in the query": {
			change: func(_ *http.Request, q url.Values) { q.Set("X-Amz-Acl", "public-read") },
			late:   -time.Second, want: sigv2.Mismatch,
		},
		"a content type more": {change: func(r *http.Request, _ url.Values) {
			r.Header.Set("Content-Type",
				"text/html")
		}, late: -time.Second, want: sigv2.Mismatch},
		"a session token more": {change: func(_ *http.Request, q url.Values) {
			q.Set("x-amz-security-token",
				"t")
		}, late: -time.Second, want: sigv2.Mismatch},
		"a signature in hexadecimal": {change: func(_ *http.Request, q url.Values) {
			q.Set("Signature",
				"3698028e70f3accf96173a0435")
		}, late: -time.Second, want: sigv2.Mismatch},
		"a signature that is cut short": {
			change: func(_ *http.Request, q url.Values) { q.Set("Signature", "NpgCjnDzrM+WFzoENXmpNDUsSn8") },
			late:   -time.Second, want: sigv2.Mismatch,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := verify(presigned(test.change), expiry.Add(test.late))
			if got := kind(err); got != test.want || (err == nil) != (test.want == 0) {
				t.Errorf("%v: kind %d, want %d", err, got, test.want)
			}
		})
	}
}

// TestAmzHeadersInBothPlaces checks that a header can't be added next to the
// parameter that was signed.
func TestAmzHeadersInBothPlaces(t *testing.T) {
	t.Parallel()
	signed := func(_ *http.Request, q url.Values) {
		q.Set("x-amz-acl", "private")
		q.Set("Signature", sigv2.Sign(secret, "GET\n\n\n1175139620\nx-amz-acl:private\n/johnsmith/photos/puppy.jpg"))
	}
	now := time.Unix(1175139620, 0).Add(-time.Minute)
	if err := verify(presigned(signed), now); err != nil {
		t.Error(err)
	}
	err := verify(presigned(func(r *http.Request, q url.Values) {
		signed(r, q)
		r.Header.Set("X-Amz-Acl", "public-read")
	}), now)
	if kind(err) != sigv2.Mismatch {
		t.Errorf("with another header beside it: %v, want a mismatch", err)
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/b/k", "/b/k?versionId=1", "/b/k?X-Amz-Signature=1", "/b/k?x=Signature=1"} {
		if s, err := sigv2.Parse(httptest.NewRequest(http.MethodGet, target, nil)); s != nil || err != nil {
			t.Errorf("%s: %+v, %v; want neither", target, s, err)
		}
	}
	for _, header := range []string{
		"AWS ", "AWS id", "AWS :", "AWS id:", "AWS :x",
		"AWS " + strings.Repeat("x", 2000) + ":y",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", header)
		if s, err := sigv2.Parse(r); s != nil || kind(err) != sigv2.Malformed {
			t.Errorf("%q: %+v, %v; want malformed", header, s, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("GET", "/b/k?AWSAccessKeyId=a&Signature=x&Expires=1175139620&acl&x-amz-acl=private", "", "")
	f.Add("PUT", "/b/k?acl", "AWS a:b", "Tue, 27 Mar 2007 19:36:42 +0000")
	f.Fuzz(func(t *testing.T, method, target, authorization, date string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://h"+target, nil)
		if err != nil {
			return // no server would receive it
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		r.Header.Set("Date", date)
		s, err := sigv2.Parse(r)
		if err != nil || s == nil {
			return
		}
		now := s.Time
		if s.Presigned {
			now = s.Expires.Add(-time.Second)
		}
		if err := s.Verify(r, secret, "", subresource, now); kind(err) != sigv2.Mismatch {
			t.Fatalf("a signature that nobody made: %v", err)
		}
	})
}
