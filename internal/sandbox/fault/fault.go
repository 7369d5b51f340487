// Package fault breaks a sandbox on purpose. A fault describes what goes wrong,
// for which calls, how often and for how long. A [Set] holds the active faults,
// and is asked at each place where something can go wrong.
package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Kind is what goes wrong.
type Kind string

// The kinds of fault. Each uses the error of the service that is called.
const (
	Throttle       Kind = "throttle"        // S3: 503 SlowDown; IAM and STS: 400 Throttling; KMS: 400 ThrottlingException
	Internal       Kind = "internal"        // 500
	Unavailable    Kind = "unavailable"     // 503
	Slow           Kind = "slow"            // waits Delay before the answer's body, and again after every Bytes of it
	Cut            Kind = "cut"             // closes the connection when Bytes of the answer's body are sent
	Skew           Kind = "skew"            // the clock of the service is Delay ahead of the true time
	Propagation    Kind = "propagation"     // changes in IAM are seen by decisions after Delay
	ExpiredSession Kind = "expired-session" // temporary credentials are over
	RegionDisabled Kind = "region-disabled" // STS answers RegionDisabledException
	KMSDenied      Kind = "kms-denied"      // the key's policy refuses, also where S3 asks for the caller
	Archived       Kind = "archived"        // reading an object, also as a copy's source, is answered InvalidObjectState
)

// Kinds returns every kind of fault.
func Kinds() []Kind {
	return []Kind{
		Throttle,
		Internal,
		Unavailable,
		Slow,
		Cut,
		Skew,
		Propagation,
		ExpiredSession,
		RegionDisabled,
		KMSDenied,
		Archived,
	}
}

// Describe returns a short description of what goes wrong.
func (k Kind) Describe() string {
	return map[Kind]string{
		Throttle:       "Calls are throttled: SlowDown from S3, Throttling from the others",
		Internal:       "Calls fail with an internal error, status 500",
		Unavailable:    "The service is out of order, status 503",
		Slow:           "Answers come slowly",
		Cut:            "The connection breaks while an answer is sent",
		Skew:           "The service's clock differs from the caller's",
		Propagation:    "Changes in IAM take time to be seen",
		ExpiredSession: "Temporary credentials are over",
		RegionDisabled: "STS is switched off in the region",
		KMSDenied:      "KMS keys may not be used",
		Archived:       "Objects lie in an archive",
	}[k]
}

// Fault is one thing that goes wrong.
type Fault struct {
	ID    string // made by [Set.Add]
	Kind  Kind   // required
	Match Match  // which calls; the zero value is all. Propagation is for everyone

	Probability float64       // of each call that matches; 0 is 1: always
	Count       int           // calls that it strikes before it ends; 0: no limit
	For         time.Duration // how long it is there; 0: until it is removed

	Delay time.Duration // of Slow (default 100 ms), Skew (default an hour) and Propagation (default 10 s)
	Bytes int64         // of Cut (default 0) and Slow (default 64 KiB)

	Hits    int       // calls that it struck so far
	Expires time.Time // when it ends; zero: not by itself
}

// check validates a fault and fills in defaults.
func (f *Fault) check() error {
	var problems []string
	if !slices.Contains(Kinds(), f.Kind) {
		problems = append(problems, fmt.Sprintf("there is no kind %q", f.Kind))
	}
	if !(f.Probability >= 0 && f.Probability <= 1) { // nor is it NaN
		problems = append(problems, "probability is not between 0 and 1")
	}
	if f.Count < 0 || f.For < 0 || f.Bytes < 0 {
		problems = append(problems, "count, for and bytes cannot be negative")
	}
	if f.Delay < 0 && f.Kind != Skew {
		problems = append(problems, "only the delay of a skew can be negative")
	}
	if !slices.ContainsFunc(services(), func(service string) bool { return glob(f.Match.Service, service) }) {
		problems = append(
			problems,
			fmt.Sprintf("there is no service %q: they are %s", f.Match.Service, strings.Join(services(), ", ")),
		)
	}
	if f.Kind == Propagation && f.Match != (Match{}) {
		problems = append(problems, "propagation is for every call: it takes no matcher")
	}
	if len(problems) > 0 {
		return problem.New(problem.Invalid, "the fault cannot be: %s", strings.Join(problems, "; ")).
			WithHint("Kinds are %s.", kindList())
	}
	f.setDefaults()
	return nil
}

func services() []string { return []string{"s3", "iam", "sts", "kms"} }

func (f *Fault) setDefaults() {
	if f.Probability == 0 {
		f.Probability = 1
	}
	if f.Delay == 0 {
		f.Delay = map[Kind]time.Duration{Slow: 100 * time.Millisecond, Skew: time.Hour, Propagation: 10 * time.Second}[f.Kind]
	}
	if f.Bytes == 0 && f.Kind == Slow {
		f.Bytes = 64 << 10
	}
}

func kindList() string {
	var names []string
	for _, kind := range Kinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}
