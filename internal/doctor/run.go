package doctor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// plan describes what to verify. It doesn't change during a run.
type plan struct {
	i       integration.Integration  // for an access key, see placeholder
	key     *credential.Credential   // nil for a role
	reaches map[string]object.Access // of an access key, by bucket
	pasted  Documents
	actor   access.Actor // who requested the verification
	first   int          // index of the first location; random, so that over time each one is probed
	seed    [16]byte     // of names for probes
}

// observations has the results of checks that later checks need.
type observations struct {
	principal assume.Principal // after the check identity
	session   assume.Session   // after the check assume
	probes    map[assume.Replacement]probed
	regions   map[string]string // by bucket
	listed    map[int]listing   // by location
	payer     bool              // the bucket requires that the requester pays
	markerKey string            // of the object that the write checks put
	versioned bool              // the bucket is versioned
}

// listing is the result of listing a location.
type listing struct {
	page    object.Page
	failure *object.Failure
}

// run is a running verification. Use it from one goroutine.
type run struct {
	*Service
	plan
	observations
	done        map[Code]*Check
	calls       int    // to AWS, so far
	names       byte   // random names, so far
	lastRequest string // ID of the last successful request to a bucket
}

func (s *Service) newRun(p plan) (*run, error) {
	if _, err := io.ReadFull(s.config.Random, p.seed[:]); err != nil {
		return nil, fmt.Errorf("choosing names for probes: %w", err)
	}
	if n := len(p.i.Locations); n > 0 {
		p.first = int(p.seed[0]) % n
	}
	return &run{
		Service: s, plan: p, done: map[Code]*Check{},
		observations: observations{
			probes: map[assume.Replacement]probed{}, regions: map[string]string{}, listed: map[int]listing{},
		},
	}, nil
}

// random returns a new random name.
func (r *run) random() string {
	r.names++
	sum := sha256.Sum256(append(r.seed[:], r.names))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// step is a check, and the checks that must pass before it.
type step struct {
	code  Code
	needs []Code
	do    func(context.Context, *Check)
}

func (r *run) steps() []step {
	if r.key != nil {
		return r.keySteps()
	}
	bucket := []Code{CodeAssume, CodeRegion}
	steps := append(r.roleSteps(), []step{
		{CodeRegion, []Code{CodeAssume}, r.checkRegion},
		{CodeList, bucket, r.checkList},
		{CodeListOutside, bucket, r.checkListOutside},
		{CodeGet, bucket, r.checkGet},
		{CodeGetOutside, bucket, r.checkGetOutside},
	}...)
	if r.i.Access == integration.ReadWrite {
		steps = append(steps,
			step{CodePut, bucket, r.checkPut},
			step{CodeDelete, []Code{CodeAssume, CodeRegion, CodePut}, r.checkDelete})
	} else {
		steps = append(steps, step{CodePutRefused, bucket, r.checkPutRefused})
	}
	return append(steps,
		step{CodeRequesterPays, bucket, r.checkRequesterPays},
		step{CodeSessionPolicy, []Code{CodeAssume, CodeRegion, CodeList}, r.checkSessionPolicy})
}

// roleSteps returns the steps that find out who can assume the role.
func (r *run) roleSteps() []step {
	steps := []step{
		{CodeIdentity, nil, r.checkIdentity},
		{CodeRoleARN, nil, r.checkRoleARN},
		{CodeAssume, []Code{CodeRoleARN}, r.checkAssume},
		{CodeAssumeWithoutID, []Code{CodeRoleARN}, r.checkWithoutID},
		{CodeAssumeWrongID, []Code{CodeRoleARN}, r.checkWrongID},
	}
	if r.i.PreviousExternalID != "" {
		steps = append(steps, step{CodeAssumeOldID, []Code{CodeAssume}, r.checkOldID})
	}
	if r.i.Vending {
		steps = append(steps, step{CodeVend, []Code{CodeAssume}, r.checkVend})
	}
	return steps
}

// runChecks runs all checks, and calls emit with each result. When ctx ends, it
// skips the remaining checks.
func (r *run) runChecks(ctx context.Context, emit func(Check)) {
	for _, step := range r.steps() {
		check := newCheck(step.code)
		began := r.config.Now()
		switch blocking := r.blocking(step.needs); {
		case ctx.Err() != nil:
			check.skip("", "The verification was stopped.")
			check.unsure = true
		case blocking != "":
			check.skip(blocking, waitsFor(blocking))
		default:
			checking, span := traces.Begin(ctx, "check "+string(step.code))
			step.do(checking, check)
			span.End(nil)
		}
		check.Took = r.config.Now().Sub(began)
		r.done[step.code] = check
		emit(*check)
	}
}

// waitsFor returns the detail of a skipped check.
func waitsFor(code Code) string { return fmt.Sprintf("It waits for the check %s.", code) }

// blocking returns the first of the needed checks that didn't pass, or "".
// Nothing else is asked of STS when it doesn't respond to GetCallerIdentity.
func (r *run) blocking(needs []Code) Code {
	if identity := r.done[CodeIdentity]; identity != nil && identity.unsure && len(needs) > 0 {
		return CodeIdentity
	}
	for _, need := range needs {
		c := r.done[need]
		if c.Status == Fail || c.Status == Skip {
			return cmp.Or(c.WaitsFor, need)
		}
	}
	return ""
}

// canCall reports whether the run may make n more calls.
func (r *run) canCall(n int) bool { return r.calls+n <= MaxCalls }

// call makes a call, counts it and adds its evidence to the check. It returns
// nil for success. An error that isn't AWS's is a failure without a status.
func (r *run) call(c *Check, action, resource string, do func() (requestID string, err error)) *object.Failure {
	r.calls++
	r.lastRequest = ""
	began := r.config.Now()
	requestID, err := do()
	requestID = cmp.Or(requestID, r.lastRequest) // some methods of a bucket don't return it
	failure := asFailure(err, action, resource)
	c.addCall(action, resource, r.config.Now().Sub(began), requestID, failure)
	return failure
}

func asFailure(err error, action, resource string) *object.Failure {
	if err == nil {
		return nil
	}
	var f *object.Failure
	if errors.As(err, &f) {
		return f
	}
	return &object.Failure{Operation: action, Resource: resource, Message: err.Error(), Cause: err}
}

// bucket opens a bucket as loads do. An unbounded bucket also allows keys
// outside the declared locations, for probes that AWS must deny.
func (r *run) bucket(name string, unbounded bool) object.Bucket {
	return r.config.Open(r.reach(name, unbounded))
}

func (r *run) reach(name string, unbounded bool) object.Access {
	reach, ok := r.reaches[name]
	if !ok {
		reach = r.config.Integrations.Reach(r.i, name, r.keys)
	}
	reach.Answered = func(requestID string) { r.lastRequest = requestID }
	if unbounded {
		reach.Locations = nil
	}
	if region := r.regions[name]; region != "" {
		reach.Region = region
	}
	return reach
}

// keys returns the credentials of the role's session, which isn't narrowed:
// otherwise, probes outside the locations would always be denied.
func (r *run) keys(context.Context) (object.Keys, error) { return r.session.Keys, nil }

// locations returns the indexes of all locations, starting with first.
func (r *run) locations() []int {
	n := len(r.i.Locations)
	order := make([]int, n)
	for k := range order {
		order[k] = (r.first + k) % n
	}
	return order
}

// buckets returns the first location of each bucket.
func (r *run) buckets() []object.Location {
	var out []object.Location
	seen := map[string]bool{}
	for _, n := range r.locations() {
		if l := r.i.Locations[n]; !seen[l.Bucket] {
			seen[l.Bucket] = true
			out = append(out, l)
		}
	}
	return out
}

// cleanupTime is how long deleting a probe's object may take after the run was
// stopped.
const cleanupTime = 10 * time.Second

// cleanupContext returns a context that outlives ctx, for deleting what a
// check wrote.
func cleanupContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
}
