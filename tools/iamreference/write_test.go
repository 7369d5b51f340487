package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestARN(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"arn:${Partition}:s3:::${BucketName}":         "arn:*:s3:::*",
		"arn:${Partition}:x:${Region}: ${Account} :y": "arn:*:x:*:*:y",
		"${Anything}": "*",
		"":            "*",
	} {
		if got := arn(form); got != want {
			t.Errorf("%q: got %s, want %s", form, got, want)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"aws:RequestTag/${TagKey}":       "aws:RequestTag/*",
		"s3:ExistingObjectTag/<key>":     "s3:ExistingObjectTag/*",
		"aws:ResourceTag/tag-key":        "aws:ResourceTag/*",
		"s3:prefix":                      "s3:prefix",
		"${provider}:${claim}/${claim2}": "*:*/*",
	} {
		if got := pattern(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	places := map[string]int{"bucket": 0, "object": 10, "job": 2}
	got := numbers(places, []string{"Object", "job", "bucket", "object", "unknown"})
	if diff := cmp.Diff([]string{"0", "2", "10"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWriteService(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{
		"data/conditionKeys/q.json": []byte(`{"q:b":{"key":"q:b","type":"String"},"q:a":{"key":"q:a/${T}",` +
			`"type":"ARN"}}`),
		"data/resourceTypes/q.json": []byte(`{"my queue":{"key":"my queue","arn":"arn:${P}:q:::${N}",` +
			`"conditionKeys":["q:b"]}}`),
		"data/actions/q.json": []byte(`{"send":{"name":"Send","accessLevel":"Write","conditionKeys":["q:a/${T}"],
			"resourceTypes":[{"name":"my queue","conditionKeys":["q:b"]}]},
			"list":{"name":"List","accessLevel":"List"}}`),
	}
	var out bytes.Buffer
	if err := writeService(&out, files, "q"); err != nil {
		t.Fatal(err)
	}
	want := "k q:a/* ARN\nk q:b String\nr my-queue arn:*:q:::* 1\na List L -\na Send W 0 0 1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	delete(files, "data/actions/q.json")
	if err := writeService(&out, files, "q"); err == nil || !strings.Contains(err.Error(), "data/actions/q.json") {
		t.Errorf("a missing file: got %v", err)
	}
}
