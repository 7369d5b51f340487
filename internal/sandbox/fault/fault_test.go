package fault_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]fault.Fault{
		"throttle": {Kind: fault.Throttle},
		"throttle,service=s3,action=Get*,bucket=acme-*,key=a/b,count=3,probability=0.5": {
			Kind: fault.Throttle, Match: fault.Match{Service: "s3", Action: "Get*", Bucket: "acme-*", Key: "a/b"},
			Count: 3, Probability: 0.5,
		},
		"cut,bytes=1000,for=1m30s":        {Kind: fault.Cut, Bytes: 1000, For: 90 * time.Second},
		"skew,delay=-20m":                 {Kind: fault.Skew, Delay: -20 * time.Minute},
		"kms-denied,principal=*:role/r":   {Kind: fault.KMSDenied, Match: fault.Match{Principal: "*:role/r"}},
		"region-disabled,region=eu-*":     {Kind: fault.RegionDisabled, Match: fault.Match{Region: "eu-*"}},
		"propagation,delay=15s,,":         {Kind: fault.Propagation, Delay: 15 * time.Second},
		"slow,delay=1s,bytes=10":          {Kind: fault.Slow, Delay: time.Second, Bytes: 10},
		"internal,principal=arn:a=b,for=": {Kind: fault.Internal, Match: fault.Match{Principal: "arn:a=b"}},
	} {
		got, err := fault.Parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
	for _, line := range []string{
		"", "nonsense", "throttle,service", "throttle,colour=red", "throttle,count=x", "throttle,count=-1",
		"throttle,probability=2", "throttle,probability=NaN", "throttle,service=\xa7",
		"throttle,delay=-1s", "throttle,for=3", "propagation,service=s3", "cut,bytes=-1",
	} {
		if got, err := fault.Parse(line); err == nil {
			t.Errorf("%q is taken as %+v", line, got)
		}
	}
}

// FuzzParse checks that an accepted fault can be written and parses to an
// equal one.
func FuzzParse(f *testing.F) {
	f.Add("throttle,service=s3,count=3,delay=1s")
	f.Add("cut,bytes=10,for=1h,probability=0.25,key=a*?")
	f.Fuzz(func(t *testing.T, line string) {
		read, err := fault.Parse(line)
		if err != nil {
			return
		}
		written, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		var again fault.Fault
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if rewritten, err := json.Marshal(again); err != nil || string(rewritten) != string(written) {
			t.Errorf("%s reads as %s (%v)", written, rewritten, err)
		}
	})
}

func TestMatch(t *testing.T) {
	t.Parallel()
	call := fault.Call{
		Service: "s3", Action: "GetObject", Bucket: "acme-data", Key: "a/b/c.csv", Region: "us-east-1",
		Principals: []string{"arn:aws:sts::222222222222:assumed-role/r/s", "arn:aws:iam::222222222222:role/r"},
	}
	for _, test := range []struct {
		match fault.Match
		want  bool
	}{
		{fault.Match{}, true},
		{fault.Match{Service: "s3"}, true},
		{fault.Match{Service: "iam"}, false},
		{fault.Match{Action: "getobject"}, true},
		{fault.Match{Action: "s3:Get*"}, true},
		{fault.Match{Action: "iam:Get*"}, false},
		{fault.Match{Bucket: "acme-????"}, true},
		{fault.Match{Bucket: "acme-???"}, false},
		{fault.Match{Key: "a/*.csv"}, true},
		{fault.Match{Key: "*b*c*"}, true},
		{fault.Match{Key: "*b*x*"}, false},
		{fault.Match{Key: "a/b/c.csv*"}, true},
		{fault.Match{Key: "a/b"}, false},
		{fault.Match{Region: "eu-*"}, false},
		{fault.Match{Principal: "*:role/r"}, true},
		{fault.Match{Principal: "*assumed-role/r/*"}, true},
		{fault.Match{Principal: "*:user/r"}, false},
		{fault.Match{Service: "s3", Bucket: "other"}, false},
	} {
		set := fault.NewSet(fault.Config{Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
		if _, err := set.Add(fault.Fault{Kind: fault.Internal, Match: test.match}); err != nil {
			t.Fatal(err)
		}
		if got := set.Hit(fault.Internal, &call) != nil; got != test.want {
			t.Errorf("%+v strikes: %v, want %v", test.match, got, test.want)
		}
		if set.Hit(fault.Throttle, &call) != nil {
			t.Error("a fault of another kind strikes")
		}
	}
}

func TestHowOftenAndHowLong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	dice := 0.0
	var log strings.Builder
	set := fault.NewSet(fault.Config{
		Now:    func() time.Time { return now },
		Random: func() float64 { return dice },
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	strikes := func(f fault.Fault, calls int) int {
		t.Helper()
		set.Clear()
		if _, err := set.Add(f); err != nil {
			t.Fatal(err)
		}
		n := 0
		for range calls {
			if set.Hit(f.Kind, &fault.Call{Service: "s3", Action: "GetObject"}) != nil {
				n++
			}
			now = now.Add(time.Second)
		}
		return n
	}
	if got := strikes(fault.Fault{Kind: fault.Throttle, Count: 3}, 10); got != 3 {
		t.Errorf("with count 3, strikes = %d", got)
	}
	if got := set.List()[0].Hits; got != 3 {
		t.Errorf("the list tells of %d hits, want 3", got)
	}
	if got := strikes(fault.Fault{Kind: fault.Throttle, For: 4 * time.Second}, 10); got != 4 {
		t.Errorf("in 4 of 10 seconds, strikes = %d", got)
	}
	dice = 0.4
	if got := strikes(fault.Fault{Kind: fault.Throttle, Probability: 0.5}, 2); got != 2 {
		t.Errorf("below its probability strikes = %d of 2", got)
	}
	dice = 0.5
	if got := strikes(fault.Fault{Kind: fault.Throttle, Probability: 0.5}, 2); got != 0 {
		t.Errorf("above its probability strikes = %d of 2", got)
	}
	strikes(fault.Fault{Kind: fault.Propagation, Delay: 3 * time.Second, For: time.Minute}, 0)
	if got := set.Lag(); got != 3*time.Second {
		t.Errorf("changes take %s, want 3s", got)
	}
	now = now.Add(time.Minute)
	if got := set.Lag(); got != 0 {
		t.Errorf("when it is over changes take %s, want 0s", got)
	}
	if set.Remove("none") || !set.Remove(set.List()[0].ID) || len(set.List()) != 0 {
		t.Error("removing does not tell what was there, or does not remove")
	}
	if !strings.Contains(log.String(), "fault struck") {
		t.Errorf("the log says %q", log.String())
	}
}
