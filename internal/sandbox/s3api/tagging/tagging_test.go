package tagging_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/tagging"
)

func TestFromHeader(t *testing.T) {
	t.Parallel()
	got, err := tagging.FromHeader("b=2&a=1%2F")
	want := []directory.Tag{{Key: "a", Value: "1/"}, {Key: "b", Value: "2"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, header := range []string{"a=1&a=2", "=1", "%", "a=%21", "aws:a=1", strings.Repeat("k", 129) + "=1"} {
		if tags, err := tagging.FromHeader(header); err == nil {
			t.Errorf("%q is %v, want an error", header, tags)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	tags := func(list ...string) string {
		return `<Tagging><TagSet><Tag><Key>` + strings.Join(
			list,
			`</Key><Value>v</Value></Tag><Tag><Key>`,
		) + `</Key><Value>v</Value></Tag></TagSet></Tagging>`
	}
	eleven := strings.Split("a b c d e f g h i j k", " ")
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{Name: "no tags", Target: "/fuzzed?tagging", Status: 404, Has: []string{"NoSuchTagSet"}},
		{Name: "eleven tags of a bucket", Method: "PUT", Target: "/fuzzed?tagging", Body: tags(eleven...), Status: 204},
		{Name: "read them", Target: "/fuzzed?tagging", Has: []string{"<Key>k</Key>"}},
		{Name: "delete them", Method: "DELETE", Target: "/fuzzed?tagging", Status: 204},
		{
			Name:   "no object",
			Method: "PUT",
			Target: "/fuzzed/k?tagging",
			Body:   tags("a"),
			Status: 404,
			Has:    []string{"NoSuchKey"},
		},
		{
			Name:   "put",
			Method: "PUT",
			Target: "/fuzzed/k",
			Body:   "x",
			Header: map[string]string{"X-Amz-Tagging": "team=data"},
		},
		{Name: "read the object's", Target: "/fuzzed/k?tagging", Has: []string{"<Key>team</Key><Value>data</Value>"}},
		{
			Name:   "eleven tags of an object",
			Method: "PUT",
			Target: "/fuzzed/k?tagging",
			Body:   tags(eleven...),
			Status: 400,
			Has:    []string{"Object tags cannot be greater than 10"},
		},
		{
			Name:   "the same key twice",
			Method: "PUT",
			Target: "/fuzzed/k?tagging",
			Body:   tags("a", "a"),
			Status: 400,
			Has:    []string{"InvalidTag"},
		},
		{
			Name:   "no set",
			Method: "PUT",
			Target: "/fuzzed/k?tagging",
			Body:   "<Tagging/>",
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{Name: "replace", Method: "PUT", Target: "/fuzzed/k?tagging", Body: tags("a")},
		{Name: "read again", Target: "/fuzzed/k?tagging", Has: []string{"<Key>a</Key>"}, Not: []string{"team"}},
		{Name: "delete the object's", Method: "DELETE", Target: "/fuzzed/k?tagging", Status: 204},
	})
}
