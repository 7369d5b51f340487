// Package fault injects faults into a sandbox. A fault describes what goes
// wrong, for which calls, how often and for how long. A [Set] has the active
// faults and is consulted wherever something can go wrong.
package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Kind is a kind of fault.
type Kind string

// The kinds of fault. Each uses the error of the service that is called.
const (
	// S3: 503 SlowDown; IAM and STS: 400 Throttling; KMS: 400
	// ThrottlingException; SQS: 400 RequestThrottled
	Throttle       Kind = "throttle"
	Internal       Kind = "internal"        // 500
	Unavailable    Kind = "unavailable"     // 503
	Slow           Kind = "slow"            // waits Delay before the response body, and again after every Bytes of it
	Cut            Kind = "cut"             // closes the connection after Bytes of the response body
	Skew           Kind = "skew"            // the service's clock is ahead by Delay
	Propagation    Kind = "propagation"     // decisions see changes in IAM after Delay
	ExpiredSession Kind = "expired-session" // temporary credentials have expired
	RegionDisabled Kind = "region-disabled" // STS returns RegionDisabledException
	KMSDenied      Kind = "kms-denied"      // the key's policy denies access, also when S3 uses the key for the caller
	Archived       Kind = "archived"        // reading an object, also as a copy's source, returns InvalidObjectState

	// A bucket's events: Action is the name of the event, such as
	// ObjectCreated:Put.
	DropEvent      Kind = "drop-event"      // the event is not sent
	DuplicateEvent Kind = "duplicate-event" // the event is sent twice
	DelayEvent     Kind = "delay-event"     // the event arrives after Delay
	ReorderEvents  Kind = "reorder-events"  // holds Count events, and sends them newest first, at the latest after Delay
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
		DropEvent,
		DuplicateEvent,
		DelayEvent,
		ReorderEvents,
	}
}

// Describe returns a short description of what goes wrong.
func (k Kind) Describe() string {
	return map[Kind]string{
		Throttle:       "Calls are throttled: SlowDown from S3, Throttling from the others",
		Internal:       "Calls fail with an internal error, status 500",
		Unavailable:    "The service is unavailable, status 503",
		Slow:           "Responses are slow",
		Cut:            "The connection breaks during a response",
		Skew:           "The service's clock differs from the caller's",
		Propagation:    "Changes in IAM take time to propagate",
		ExpiredSession: "Temporary credentials have expired",
		RegionDisabled: "STS is disabled in the region",
		KMSDenied:      "KMS keys can't be used",
		Archived:       "Objects are archived",
		DropEvent:      "Events of a bucket get lost",
		DuplicateEvent: "Events of a bucket arrive twice",
		DelayEvent:     "Events of a bucket arrive late",
		ReorderEvents:  "Events of a bucket arrive in another order",
	}[k]
}

// Fault is one active fault.
type Fault struct {
	ID    string // set by [Set.Add]
	Kind  Kind   // required
	Match Match  // which calls; the zero value matches all. Propagation applies to every call

	Probability float64       // for each call that matches; 0 means 1: always
	Count       int           // the number of calls that it strikes before it ends; 0: no limit. See ReorderEvents
	For         time.Duration // how long it is active; 0: until it is removed

	Delay time.Duration // of Slow (default 100 ms), Skew (default an hour) and Propagation (default 10 s)
	Bytes int64         // of Cut (default 0) and Slow (default 64 KiB)

	Hits    int       // the number of calls that it has struck
	Expires time.Time // when it ends; zero: never by itself
}

// check validates a fault and fills in defaults.
func (f *Fault) check() error {
	var problems []string
	if !slices.Contains(Kinds(), f.Kind) {
		problems = append(problems, fmt.Sprintf("unknown kind %q", f.Kind))
	}
	if !(f.Probability >= 0 && f.Probability <= 1) { // also rejects NaN
		problems = append(problems, "probability must be between 0 and 1")
	}
	if f.Count < 0 || f.For < 0 || f.Bytes < 0 {
		problems = append(problems, "count, for and bytes can't be negative")
	}
	if f.Delay < 0 && f.Kind != Skew {
		problems = append(problems, "delay can only be negative for a skew")
	}
	if !slices.ContainsFunc(services(), func(service string) bool { return glob(f.Match.Service, service) }) {
		problems = append(
			problems,
			fmt.Sprintf("unknown service %q: use %s", f.Match.Service, strings.Join(services(), ", ")),
		)
	}
	if f.Kind == Propagation && f.Match != (Match{}) {
		problems = append(problems, "propagation applies to every call, so it can't have a matcher")
	}
	if len(problems) > 0 {
		return problem.New(problem.Invalid, "invalid fault: %s", strings.Join(problems, "; ")).
			WithHint("Kinds are %s.", kindList())
	}
	f.setDefaults()
	return nil
}

func services() []string { return []string{"s3", "iam", "sts", "kms", "sqs"} }

func (f *Fault) setDefaults() {
	if f.Probability == 0 {
		f.Probability = 1
	}
	if f.Delay == 0 {
		f.Delay = map[Kind]time.Duration{
			Slow: 100 * time.Millisecond, Skew: time.Hour,
			Propagation: 10 * time.Second, DelayEvent: 10 * time.Second, ReorderEvents: 5 * time.Second,
		}[f.Kind]
	}
	if f.Count == 0 && f.Kind == ReorderEvents {
		f.Count = 2
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
