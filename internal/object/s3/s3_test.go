package s3_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

func keys(context.Context) (object.Keys, error) {
	return object.Keys{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t")}, nil
}

// serve handles every request with handler and returns a bucket that sends
// its requests there.
func serve(t *testing.T, access object.Access, handler http.HandlerFunc) *s3.Bucket {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	access.Bucket, access.Endpoint, access.Keys = "bucket", server.URL, keys
	return s3.Open(access, s3.Config{
		Transport:  server.Client().Transport,
		MaxBackoff: time.Millisecond,
		Idle:       250 * time.Millisecond,
	})
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amz-Request-Id", "REQ1")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<Error><Code>%s</Code><Message>%s</Message><RequestId>REQ1</RequestId></Error>`, code,
		message)
}

func read(ctx context.Context, b *s3.Bucket, key string, o object.ReadOptions) (string, error) {
	r, _, err := b.Read(ctx, key, o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	return string(body), err
}

func TestFailureIsKeptWhole(t *testing.T) {
	t.Parallel()
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, 403, "AccessDenied", "User is not authorized")
	})
	_, err := b.List(t.Context(), "pre/", "", 10)
	want := &object.Failure{
		Operation: "ListObjectsV2", Resource: "s3://bucket/pre/", Code: "AccessDenied",
		Status: 403, RequestID: "REQ1", Message: "User is not authorized",
	}
	var got *object.Failure
	if !errors.As(err, &got) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(object.Failure{}, "Cause")); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
}

func TestEachOperationNamesItself(t *testing.T) {
	t.Parallel()
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, 404, "NoSuchBucket", "The specified bucket does not exist")
	})
	for want, err := range map[string]error{
		"ListObjectsV2": second(b.List(t.Context(), "k", "", 1)),
		"GetObject":     second(read(t.Context(), b, "k", object.ReadOptions{})),
		"PutObject":     b.Put(t.Context(), "k", nil),
		"DeleteObject":  b.Delete(t.Context(), "k"),
	} {
		var f *object.Failure
		if !errors.As(err, &f) || f.Operation != want || !f.Missing() || f.Code != "NoSuchBucket" ||
			f.Resource != "s3://bucket/k" {
			t.Errorf("%s: got %+v", want, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRegionIsLearned(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 400, 403} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var asked []string
			b := serve(t, object.Access{}, func(w http.ResponseWriter, r *http.Request) {
				_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=AKIAEXAMPLE/")
				region := strings.Split(scope, "/")[1]
				asked = append(asked, region)
				w.Header().Set("X-Amz-Bucket-Region", "eu-central-1")
				if region != "eu-central-1" {
					refuse(w, status, "SomeCode", "elsewhere")
					return
				}
				_, _ = io.WriteString(w, "hello")
			})
			for range 2 {
				if got, err := read(t.Context(), b, "k", object.ReadOptions{}); got != "hello" || err != nil {
					t.Fatalf("got %q, %v", got, err)
				}
			}
			if diff := cmp.Diff([]string{"us-east-1", "eu-central-1", "eu-central-1"}, asked); diff != "" {
				t.Errorf("regions asked (-want +got):\n%s", diff)
			}
			if b.Region() != "eu-central-1" {
				t.Errorf("Region() is %s", b.Region())
			}
		})
	}
}

func TestNonsenseRegionIsNotFollowed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("X-Amz-Bucket-Region", "evil.example/x")
		refuse(w, 403, "AccessDenied", "no")
	})
	if _, err := b.List(t.Context(), "", "", 1); err == nil {
		t.Error("no error")
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times, want once", asked.Load())
	}
}

func TestOutsideIsRefusedBeforeAsking(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	b := serve(t, object.Access{Locations: []object.Location{
		{Bucket: "bucket", Prefix: "pre/"},
		{Bucket: "other", Prefix: ""},
	}},
		func(w http.ResponseWriter, _ *http.Request) { asked.Add(1) })
	for _, key := range []string{"", "pre", "prefix/a", "other/a", "pre/../other/a", "pre/./a", "Pre/a"} {
		for op, err := range map[string]error{
			"List":   second(b.List(t.Context(), key, "", 1)),
			"Read":   second(read(t.Context(), b, key, object.ReadOptions{})),
			"Put":    b.Put(t.Context(), key, nil),
			"Delete": b.Delete(t.Context(), key),
		} {
			if !problem.Is(err, problem.Forbidden) || !strings.Contains(err.Error(), "s3://bucket/"+key) {
				t.Errorf("%s(%q): got %v, want a refusal that names it", op, key, err)
			}
		}
	}
	if asked.Load() != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
	if err := b.Put(t.Context(), "pre/a", nil); err != nil || asked.Load() != 1 {
		t.Errorf("inside: %v, asked %d times", err, asked.Load())
	}
}

func TestPassingFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			refuse(w, 503, "SlowDown", "Reduce your request rate")
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	if got, err := read(t.Context(), b, "k", object.ReadOptions{}); got != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTryingEnds(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		refuse(w, 503, "SlowDown", "Reduce your request rate")
	})
	_, err := read(t.Context(), b, "k", object.ReadOptions{})
	var f *object.Failure
	if !errors.As(err, &f) || f.Code != "SlowDown" || f.Status != 503 {
		t.Errorf("got %v", err)
	}
	if asked.Load() != 6 {
		t.Errorf("asked %d times, want 6", asked.Load())
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	b := s3.Open(object.Access{Bucket: "bucket", Endpoint: server.URL, Keys: keys}, s3.Config{Attempts: 1})
	_, err := b.List(t.Context(), "", "", 1)
	var f *object.Failure
	if !errors.As(err, &f) || f.Status != 0 || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	t.Parallel()
	want := &object.Failure{
		Operation: "AssumeRole", Resource: "arn:aws:iam::111122223333:role/r", Status: 403,
		Code: "AccessDenied",
	}
	b := s3.Open(object.Access{
		Bucket: "bucket", Endpoint: "http://127.0.0.1:1",
		Keys: func(context.Context) (object.Keys, error) {
			return object.Keys{}, want
		},
	}, s3.Config{})
	_, err := b.List(t.Context(), "", "", 1)
	var got *object.Failure
	if !errors.As(err, &got) || got != want {
		t.Errorf("got %v, want the refusal of AssumeRole itself", err)
	}
}

func TestIgnoredRangeIsNotTaken(t *testing.T) {
	t.Parallel()
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		_,
			_ = io.WriteString(w, "0123456789")
	})
	_, err := read(t.Context(), b, "k", object.ReadOptions{Offset: 3})
	var f *object.Failure
	if !errors.As(err, &f) || f.Code != "RangeIgnored" {
		t.Errorf("got %v", err)
	}
}

func TestStandstillAndBreakAreToldApartFromTheEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(r *http.Request)
		want string
	}{
		"standstill": {func(r *http.Request) { <-r.Context().Done() }, "stopped coming"},
		"break":      {func(*http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := serve(t, object.Access{}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "half")
				w.(http.Flusher).Flush()
				c.then(r)
			})
			got, err := read(t.Context(), b, "k", object.ReadOptions{})
			var f *object.Failure
			if got != "half" || !errors.As(err, &f) || f.Status != 0 || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestRequesterPays(t *testing.T) {
	t.Parallel()
	b := serve(t, object.Access{RequesterPays: true}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Request-Payer") != "requester" {
			refuse(w, 403, "AccessDenied", "requester pays")
			return
		}
		if r.URL.Query().Has("list-type") {
			_, _ = w.Write([]byte("<ListBucketResult><Name>bucket</Name></ListBucketResult>"))
		}
	})
	if _, err := read(t.Context(), b, "k", object.ReadOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := b.List(t.Context(), "k", "", 1); err != nil {
		t.Error(err)
	}
}

// A server that responds with 200 to everything isn't an empty bucket.
func TestListingOfAWebSite(t *testing.T) {
	t.Parallel()
	b := serve(t, object.Access{}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html><body>It works!</body></html>"))
	})
	var f *object.Failure
	if _, err := b.List(t.Context(), "", "", 1); !errors.As(err, &f) || f.Status != 200 || f.Code != "" {
		t.Errorf("got %v", err)
	}
}

// TestAttackEndpoint uses endpoints that are the machine's metadata service
// and ports of this machine, and checks that all errors are the same.
func TestAttackEndpoint(t *testing.T) {
	t.Parallel()
	speaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		_ *http.Request,
	) {
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(speaking.Close)
	transport := dial.New(dial.Config{}).Transport(dial.Endpoint)
	for _, endpoint := range []string{
		"http://169.254.169.254", "https://169.254.169.254", "https://[fd00:ec2::254]", "https://localhost",
		speaking.URL,
		strings.Replace(speaking.URL, "http:", "https:", 1), "https://127.0.0.1:1", "https://no-such-name.invalid",
	} {
		b := s3.Open(object.Access{Bucket: "bucket", Endpoint: endpoint, Keys: keys},
			s3.Config{Transport: transport, Attempts: 1})
		_, err := b.List(t.Context(), "", "", 1)
		var f *object.Failure
		if !errors.As(err, &f) || f.Status != 0 || f.Unreached == nil {
			t.Errorf("%s: got %v", endpoint, err)
			continue
		}
		u, _ := url.Parse(endpoint)
		if want := "Windlass can't connect to " + u.Hostname() + "."; f.Message != want || f.Unreached.Message != want {
			t.Errorf("%s: got %q", endpoint, f.Message)
		}
		if found := problem.From(object.Refusal(err)); found.Code != problem.Refused || found.Message != f.Message ||
			found.Hint != f.Unreached.Hint {
			t.Errorf("%s: tells %q %q", endpoint, found.Code, found.Message)
		}
		if !object.Passing(object.Refusal(err)) {
			t.Errorf("%s: a load isn't tried again", endpoint)
		}
	}
}
