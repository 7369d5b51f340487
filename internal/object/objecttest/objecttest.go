// Package objecttest has the tests that every [object.Bucket] must pass.
package objecttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/object"
)

// Run checks that a driver implements the contract. open returns an empty bucket that
// can be listed, read and written. Run calls it once for each case, concurrently.
func Run(t *testing.T, open func(t *testing.T) object.Bucket) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, object.Bucket){
		"reads what was written":       readsWhatWasWritten,
		"writes over":                  writesOver,
		"reads parts":                  readsParts,
		"refuses a part past the end":  refusesPastTheEnd,
		"reports a missing object":     reportsMissing,
		"reports a changed object":     reportsChanged,
		"deletes, and again":           deletes,
		"lists in key order":           listsInKeyOrder,
		"lists by prefix":              listsByPrefix,
		"lists page by page":           listsPages,
		"lists nothing":                listsNothing,
		"keeps strange keys":           keepsStrangeKeys,
		"describes alike":              describesAlike,
		"ends with its context":        endsWithContext,
		"serves many at once":          servesMany,
		"reads an empty object":        readsEmpty,
		"closes twice without trouble": closesTwice,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// MustPut writes an object or fails the test.
func MustPut(t *testing.T, b object.Bucket, key, body string) {
	t.Helper()
	if err := b.Put(t.Context(), key, []byte(body)); err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

// MustRead reads an object, or a part of it, or fails the test.
func MustRead(t *testing.T, b object.Bucket, key string, options object.ReadOptions) (string, object.Info) {
	t.Helper()
	body, info, err := read(t.Context(), b, key, options)
	if err != nil {
		t.Fatalf("Read(%q, %+v): %v", key, options, err)
	}
	return body, info
}

func read(ctx context.Context, b object.Bucket, key string, options object.ReadOptions) (string, object.Info, error) {
	r, info, err := b.Read(ctx, key, options)
	if err != nil {
		return "", info, err
	}
	body, err := io.ReadAll(r)
	return string(body), info, errors.Join(err, r.Close())
}

func keys(p object.Page) []string {
	var names []string
	for _, o := range p.Objects {
		names = append(names, o.Key)
	}
	return names
}

// failure returns err as an *object.Failure, or fails the test.
func failure(t *testing.T, err error) *object.Failure {
	t.Helper()
	var f *object.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v (%T), want a *object.Failure", err, err)
	}
	return f
}

func readsWhatWasWritten(t *testing.T, b object.Bucket) {
	want := strings.Repeat("a line of text\n", 10_000)
	MustPut(t, b, "folder/file.csv", want)
	got, info := MustRead(t, b, "folder/file.csv", object.ReadOptions{})
	if got != want {
		t.Errorf("got %d bytes, want the %d that were written", len(got), len(want))
	}
	if info.Size != int64(len(want)) || info.Key != "folder/file.csv" || info.ETag == "" || info.Modified.IsZero() {
		t.Errorf("info %+v is incomplete", info)
	}
	if strings.Contains(info.ETag, `"`) {
		t.Errorf("ETag %s has quotes", info.ETag)
	}
}

func writesOver(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "first")
	MustPut(t, b, "k", "the second")
	if got, _ := MustRead(t, b, "k", object.ReadOptions{}); got != "the second" {
		t.Errorf("got %q", got)
	}
}

func readsParts(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "0123456789")
	for _, c := range []struct {
		offset, length int64
		want           string
	}{
		{0, 0, "0123456789"},
		{0, 3, "012"},
		{4, 3, "456"},
		{7, 0, "789"},
		{7, 100, "789"},
		{9, 1, "9"},
	} {
		got, info := MustRead(t, b, "k", object.ReadOptions{Offset: c.offset, Length: c.length})
		if got != c.want {
			t.Errorf("bytes from %d, %d of them: got %q, want %q", c.offset, c.length, got, c.want)
		}
		if info.Size != 10 {
			t.Errorf("size of the object read in part: got %d, want 10", info.Size)
		}
	}
}

func refusesPastTheEnd(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "0123456789")
	_, _, err := read(t.Context(), b, "k", object.ReadOptions{Offset: 10})
	if f := failure(t, err); f.Status != 416 || f.Code != "InvalidRange" {
		t.Errorf("got %d %s, want 416 InvalidRange", f.Status, f.Code)
	}
}

func reportsMissing(t *testing.T, b object.Bucket) {
	_, _, err := read(t.Context(), b, "no/such/key", object.ReadOptions{})
	f := failure(t, err)
	if !f.Missing() || f.Code != "NoSuchKey" || f.Operation != "GetObject" {
		t.Errorf("got %+v, want a missing key", f)
	}
	if !strings.HasPrefix(f.Resource, "s3://") || !strings.HasSuffix(f.Resource, "/no/such/key") {
		t.Errorf("resource %q does not name the object", f.Resource)
	}
}

func reportsChanged(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "before")
	_, before := MustRead(t, b, "k", object.ReadOptions{})
	if got, _ := MustRead(t, b, "k", object.ReadOptions{IfMatch: before.ETag}); got != "before" {
		t.Errorf("got %q", got)
	}
	MustPut(t, b, "k", "afterwards")
	_, _, err := read(t.Context(), b, "k", object.ReadOptions{IfMatch: before.ETag})
	if f := failure(t, err); !f.Changed() {
		t.Errorf("got %+v, want changed", f)
	}
}

func deletes(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "x")
	for range 2 {
		if err := b.Delete(t.Context(), "k"); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
	_, _, err := read(t.Context(), b, "k", object.ReadOptions{})
	if !failure(t, err).Missing() {
		t.Errorf("after the deletion: %v", err)
	}
}

func listsInKeyOrder(t *testing.T, b object.Bucket) {
	want := []string{"a-b", "a.csv", "a/b", "a/c/d", "a0", "b/a", "c"}
	for _, k := range []string{"c", "a/c/d", "a0", "a.csv", "b/a", "a/b", "a-b"} {
		MustPut(t, b, k, k)
	}
	page, err := b.List(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, keys(page)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if page.Next != "" {
		t.Errorf("there is a next page %q after the end", page.Next)
	}
}

func listsByPrefix(t *testing.T, b object.Bucket) {
	for _, k := range []string{"pre/a", "pre/b", "prefix/c", "pre.csv", "other/pre/d"} {
		MustPut(t, b, k, k)
	}
	for prefix, want := range map[string][]string{
		"pre/":    {"pre/a", "pre/b"},
		"pre":     {"pre.csv", "pre/a", "pre/b", "prefix/c"},
		"pre/a":   {"pre/a"},
		"prefix/": {"prefix/c"},
		"nothing": nil,
	} {
		page, err := b.List(t.Context(), prefix, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, keys(page)); diff != "" {
			t.Errorf("keys that begin with %q (-want +got):\n%s", prefix, diff)
		}
	}
}

func listsPages(t *testing.T, b object.Bucket) {
	var want []string
	for i := range 25 {
		k := fmt.Sprintf("p/%d/%02d", i%3, i)
		want = append(want, k)
		MustPut(t, b, k, k)
	}
	slices.Sort(want)
	for _, limit := range []int{1, 7, 24, 25, 26} {
		var got []string
		cursor := ""
		for range 30 {
			page, err := b.List(t.Context(), "p/", cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Objects) > limit {
				t.Fatalf("a page of %d has %d objects", limit, len(page.Objects))
			}
			got = append(got, keys(page)...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

func listsNothing(t *testing.T, b object.Bucket) {
	page, err := b.List(t.Context(), "", "", 10)
	if err != nil || len(page.Objects) != 0 || page.Next != "" {
		t.Errorf("got %+v, %v; want an empty page", page, err)
	}
}

func keepsStrangeKeys(t *testing.T, b object.Bucket) {
	want := []string{
		"a b/c d.csv", "percent%20sign", "plus+sign", "question?mark&amp;", "quote'\"s",
		"ünïcödé/日本語.json", "year=2024/month=01/part-0.parquet",
	}
	for _, k := range want {
		MustPut(t, b, k, k)
	}
	page, err := b.List(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, keys(page)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	for _, k := range want {
		if got, _ := MustRead(t, b, k, object.ReadOptions{}); got != k {
			t.Errorf("object %q has %q", k, got)
		}
	}
}

func describesAlike(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "some bytes")
	page, err := b.List(t.Context(), "k", "", 10)
	if err != nil || len(page.Objects) != 1 {
		t.Fatalf("got %+v, %v; want one object", page, err)
	}
	_, info := MustRead(t, b, "k", object.ReadOptions{})
	listed := page.Objects[0]
	if listed.ETag != info.ETag || listed.Size != info.Size || listed.Modified.Unix() != info.Modified.Unix() ||
		listed.Class != info.Class {
		t.Errorf("listed as %+v and read as %+v", listed, info)
	}
}

func endsWithContext(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.List(ctx, "", "", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("List with an ended context: %v", err)
	}
	if _, _, err := read(ctx, b, "k", object.ReadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read with an ended context: %v", err)
	}
}

func servesMany(t *testing.T, b object.Bucket) {
	done := make(chan error)
	const many = 16
	for i := range many {
		go func() {
			key := fmt.Sprintf("many/%d", i)
			if err := b.Put(t.Context(), key, []byte(key)); err != nil {
				done <- err
				return
			}
			got, _, err := read(t.Context(), b, key, object.ReadOptions{})
			if err == nil && got != key {
				err = fmt.Errorf("object %s has %q", key, got)
			}
			done <- err
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func readsEmpty(t *testing.T, b object.Bucket) {
	MustPut(t, b, "empty", "")
	got, info := MustRead(t, b, "empty", object.ReadOptions{})
	if got != "" || info.Size != 0 {
		t.Errorf("got %q of %d bytes", got, info.Size)
	}
}

func closesTwice(t *testing.T, b object.Bucket) {
	MustPut(t, b, "k", "0123456789")
	r, _, err := b.Read(t.Context(), "k", object.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("first Close, with bytes unread: %v", err)
	}
	_ = r.Close() // must not panic
}
