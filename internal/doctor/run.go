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
)

// run is one verification under way. It is used by one goroutine.
type run struct {
	*Service
	i       integration.Integration  // or what stands in an access key's place
	key     *credential.Credential   // nil: a role is assumed
	reaches map[string]object.Access // by bucket; of an access key
	pasted  Documents
	actor   access.Actor  // who asked
	random  func() string // a name that nobody has

	done      map[Code]*Check
	calls     int              // to AWS, so far
	heard     string           // request ID of the last success of a bucket
	first     int              // location to begin with, so that in time each is probed
	principal assume.Principal // when the check identity got an answer
	session   assume.Session   // when the check assume passed
	probes    map[assume.Replacement]probed
	regions   map[string]string // learned, by bucket
	listed    map[int]listing   // by location
	payer     bool              // the bucket demands that the requester pays
	markerKey string            // of the object that the write checks put
	versioned bool              // the bucket keeps versions
}

// listing is what came of listing a location.
type listing struct {
	page    object.Page
	failure *object.Failure
}

func (s *Service) newRun(i integration.Integration, documents Documents) (*run, error) {
	var seed [16]byte
	if _, err := io.ReadFull(s.config.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("choosing names for probes: %w", err)
	}
	r := &run{
		Service: s, i: i, pasted: documents, done: map[Code]*Check{},
		probes: map[assume.Replacement]probed{}, regions: map[string]string{}, listed: map[int]listing{},
	}
	if n := len(i.Locations); n > 0 {
		r.first = int(seed[0]) % n
	}
	counter := byte(0)
	r.random = func() string {
		counter++
		sum := sha256.Sum256(append(seed[:], counter))
		return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
	}
	return r, nil
}

// step is a check, and those that must not have failed before it.
type step struct {
	code  Code
	needs []Code
	do    func(context.Context, *Check)
}

func (r *run) steps() []step {
	if r.key != nil {
		return r.keySteps()
	}
	steps := append(r.whoGetsIn(), []step{
		{CodeRegion, []Code{CodeAssume}, r.checkRegion},
		{CodeList, []Code{CodeAssume, CodeRegion}, r.checkList},
		{CodeListOutside, []Code{CodeAssume, CodeRegion}, r.checkListOutside},
		{CodeGet, []Code{CodeAssume, CodeRegion}, r.checkGet},
		{CodeGetOutside, []Code{CodeAssume, CodeRegion}, r.checkGetOutside},
	}...)
	if r.i.Access == integration.ReadWrite {
		steps = append(steps,
			step{CodePut, []Code{CodeAssume, CodeRegion}, r.checkPut},
			step{CodeDelete, []Code{CodeAssume, CodeRegion, CodePut}, r.checkDelete})
	} else {
		steps = append(steps, step{CodePutRefused, []Code{CodeAssume, CodeRegion}, r.checkPutRefused})
	}
	return append(steps,
		step{CodeRequesterPays, []Code{CodeAssume, CodeRegion}, r.checkRequesterPays},
		step{CodeSessionPolicy, []Code{CodeAssume, CodeRegion, CodeList}, r.checkSessionPolicy})
}

func (r *run) whoGetsIn() []step {
	steps := []step{
		{CodeIdentity, nil, r.checkIdentity},
		{CodeRoleARN, nil, r.checkRoleARN},
		{CodeAssume, []Code{CodeRoleARN}, r.checkAssume},
		{CodeAssumeWithoutID, []Code{CodeRoleARN}, r.checkWithoutID},
		{CodeAssumeWrongID, []Code{CodeRoleARN}, r.checkWrongID},
	}
	if r.i.Vending {
		steps = append(steps, step{CodeVend, []Code{CodeAssume}, r.checkVend})
	}
	return steps
}

// all runs every check and hands each out as it is done. When ctx ends, what
// is left is skipped.
func (r *run) all(ctx context.Context, emit func(Check)) {
	for _, step := range r.steps() {
		check := newCheck(step.code)
		began := r.config.Now()
		switch waits := r.unmet(step.needs); {
		case ctx.Err() != nil:
			check.skip("", "The verification was stopped.")
			check.unsure = true
		case waits != "":
			check.skip(waits, fmt.Sprintf("It waits for the check %s.", waits))
		default:
			step.do(ctx, check)
		}
		if r.key != nil {
			keyed(check)
		}
		check.Took = r.config.Now().Sub(began)
		r.done[step.code] = check
		emit(*check)
	}
}

// unmet gives the first of the needs that is not met. Where STS does not
// answer who we are, it is asked nothing else.
func (r *run) unmet(needs []Code) Code {
	if identity := r.done[CodeIdentity]; identity != nil && identity.unsure && len(needs) > 0 {
		return CodeIdentity
	}
	for _, need := range needs {
		c := r.done[need]
		if c.Status == Fail || c.Status == Skip {
			if c.WaitsFor != "" {
				return c.WaitsFor
			}
			return need
		}
	}
	return ""
}

// afford says whether n more calls may be made.
func (r *run) afford(n int) bool { return r.calls+n <= MaxCalls }

// call makes a call, counts it and keeps its evidence: AWS's request ID, also
// where the bucket's answer has no place for it. The answer is nil for
// success, and else a failure: an error that is not AWS's is one without a
// status.
func (r *run) call(c *Check, action, resource string, do func() (requestID string, err error)) *object.Failure {
	r.calls++
	r.heard = ""
	began := r.config.Now()
	requestID, err := do()
	requestID = cmp.Or(requestID, r.heard)
	failure := asFailure(err, action, resource)
	c.answered(action, resource, r.config.Now().Sub(began), requestID, failure)
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

// bucket reaches a bucket as the loader does. Unbounded, it also reaches what
// was not declared: that is for probes which must be refused.
func (r *run) bucket(name string, unbounded bool) object.Bucket {
	return r.config.Open(r.reach(name, unbounded))
}

func (r *run) reach(name string, unbounded bool) object.Access {
	reach, ok := r.reaches[name]
	if !ok {
		reach = r.config.Integrations.Reach(r.i, name, r.keys)
	}
	reach.Answered = func(requestID string) { r.heard = requestID }
	if unbounded {
		reach.Locations = nil
	}
	if region := r.regions[name]; region != "" {
		reach.Region = region
	}
	return reach
}

// keys are those of the session with all that the role has, which a probe for
// too much must have.
func (r *run) keys(context.Context) (object.Keys, error) { return r.session.Keys, nil }

// locations gives the indexes of all locations, beginning with another one
// each time.
func (r *run) locations() []int {
	n := len(r.i.Locations)
	order := make([]int, n)
	for k := range order {
		order[k] = (r.first + k) % n
	}
	return order
}

// buckets gives each bucket once, with the first location in it.
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

// cleanUpTime is what deleting a probe's object may take after the run was
// stopped.
const cleanUpTime = 10 * time.Second

// cleaning gives a context that outlives the run's, so that what a probe wrote
// is deleted though somebody gave up.
func cleaning(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanUpTime)
}
