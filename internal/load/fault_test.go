package load_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// impatient opens a bucket of a sandbox as the loader does, with short waits
// between its tries.
func impatient(server *sandboxtest.Server, keys aws.Credentials, bucket string) object.Bucket {
	return s3.Open(object.Access{
		Bucket: bucket, Endpoint: server.URL,
		Keys: func(context.Context) (object.Keys, error) {
			return object.Keys{AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey)}, nil
		},
	}, s3.Config{MaxBackoff: time.Millisecond})
}

// TestFaultsOfS3 loads while S3 fails. After temporary failures the rows are
// the same as without them; permanent failures are reported, and leave nothing
// behind.
func TestFaultsOfS3(t *testing.T) {
	t.Parallel()
	get := fault.Match{Service: "s3", Action: "GetObject"}
	for name, test := range map[string]struct {
		fault   fault.Fault
		problem string // of the object; empty: everything is loaded
	}{
		"throttled twice":           {fault.Fault{Kind: fault.Throttle, Match: get, Count: 2}, ""},
		"out of order for a moment": {fault.Fault{Kind: fault.Unavailable, Match: get, Count: 2}, ""},
		"an internal error":         {fault.Fault{Kind: fault.Internal, Match: get, Count: 1}, ""},
		"the listing is throttled": {fault.Fault{
			Kind: fault.Throttle, Match: fault.Match{Action: "ListObjectsV2"},
			Count: 2,
		}, ""},
		"cut before the first byte":  {fault.Fault{Kind: fault.Cut, Match: get, Count: 1}, ""},
		"cut in the middle of a row": {fault.Fault{Kind: fault.Cut, Match: get, Count: 2, Bytes: 777}, ""},
		"cut before the last byte": {fault.Fault{
			Kind: fault.Cut, Match: get, Count: 1,
			Bytes: int64(len(lines(0, 1000))) - 1,
		}, ""},
		"slow": {fault.Fault{
			Kind: fault.Slow, Match: get, Delay: time.Millisecond,
			Bytes: 4096,
		}, ""},
		"the clocks differ": {fault.Fault{Kind: fault.Skew, Delay: 20 * time.Minute}, ""},
		"archived":          {fault.Fault{Kind: fault.Archived, Match: get}, "archive"},
		"out of order all the time": {fault.Fault{
			Kind:  fault.Unavailable,
			Match: fault.Match{Action: "GetObject", Key: "in/b.csv"},
		}, "ServiceUnavailable"},
		"cut at the same byte, for all": {fault.Fault{
			Kind:  fault.Cut,
			Match: fault.Match{Action: "GetObject", Key: "in/b.csv"}, Bytes: 0,
		}, "in/b.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sandboxtest.Start(t)
			server.MustBucket(t, server.Customer.Keys, "data")
			server.MustPut(t, server.Customer.Keys, "data", "in/a.csv", lines(0, 1000))
			server.MustPut(t, server.Customer.Keys, "data", "in/b.csv", lines(1000, 2000))
			bucket := impatient(server, server.Customer.Keys, "data")
			h := build(t, doors{bucket: func(object.Bucket) object.Bucket { return bucket }})
			src := h.source(t, "in/*", source.Format{})
			mend := server.MustFault(t, test.fault)
			l, err := h.load(t, load.Order{Source: src, Dataset: "d"})
			if server.Hits(test.fault.Kind) == 0 {
				t.Error("nothing was struck")
			}
			if test.problem == "" {
				if err != nil || len(l.Problems) > 0 || h.count(t, "d") != 2000 {
					t.Fatalf("%d rows, want 2000; %v %+v", h.count(t, "d"), err, l.Problems)
				}
				return
			}
			found := problem.From(err).Message
			for _, p := range l.Problems {
				found += p.Key + ": " + p.Reason
			}
			if n := h.count(t, "d"); n > 0 && n%1000 != 0 || !strings.Contains(found, test.problem) {
				t.Errorf("%d rows, and it tells %q, want %q", n, found, test.problem)
			}
			mend()
			if l, err := h.load(t, load.Order{Source: src, Dataset: "d"}); err != nil || h.count(t, "d") != 2000 {
				t.Errorf("when it is fixed there are %d rows, want 2000: %v %+v", h.count(t, "d"), err, l.Problems)
			}
		})
	}
}
