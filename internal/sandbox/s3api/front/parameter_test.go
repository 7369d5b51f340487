package front_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
)

// call returns a call with a query.
func call(t *testing.T, query string) *front.Call {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	c := &front.Call{}
	c.Query = values
	return c
}

func TestEscapesBucket(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"a": false, "a/b": false, "a/../b": false, "a/./b/": false, "...": false, "": false, "/": false,
		"..": true, "../a": true, "a/../..": true, "a/../../b": true, "a/..": true, ".": true,
	} {
		if got := front.EscapesBucket(key); got != want {
			t.Errorf("%q: got %v", key, got)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.January, 31, 12, 30, 0, 0, time.UTC)
	for _, text := range []string{
		"Sat, 31 Jan 2026 12:30:00 GMT", "2026-01-31T12:30:00Z", "2026-01-31T13:30:00+01:00", front.FormatTime(at),
	} {
		if got, err := front.ParseHTTPTime(text); err != nil || !got.Equal(at) {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	if got, err := front.ParseHTTPTime("yesterday"); err == nil {
		t.Errorf("got %v", got)
	}
}

func TestIntParameter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want int
		code string
	}{
		"": {1000, ""}, "n=": {1000, ""}, "n=0": {0, ""}, "n=7": {7, ""}, "n=5000": {1000, ""},
		"n=-1": {0, "InvalidArgument"}, "n=x": {0, "InvalidArgument"}, "n=99999999999999999999": {0, "InvalidArgument"},
	}
	for query, tt := range tests {
		got, err := call(t, query).IntParameter("n", front.MaxKeys, 0, front.MaxKeys)
		if got != tt.want || (err != nil) != (tt.code != "") || err != nil && !awserror.Is(err, tt.code) {
			t.Errorf("%q: got %d, %v", query, got, err)
		}
	}
}

func TestPartNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"1": 1, "10000": front.MaxParts, "0": 0, "10001": 0, "": 0, "x": 0} {
		got, err := call(t, "partNumber="+text).PartNumber()
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}

func TestContinuation(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "a/b", "größe+&?"} {
		query := url.Values{"continuation-token": {front.Token(key)}}.Encode()
		if got, err := call(t, query).Continuation(); err != nil || got != key {
			t.Errorf("%q: got %q, %v", key, got, err)
		}
	}
	if got, err := call(t, "").Continuation(); err != nil || got != "" {
		t.Errorf("no token: got %q, %v", got, err)
	}
	for _, token := range []string{"", "x", "MmE="} {
		if got, err := call(t, "continuation-token="+url.QueryEscape(token)).Continuation(); err == nil {
			t.Errorf("%q: got %q", token, got)
		}
	}
}
