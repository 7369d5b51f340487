package iam_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/iam"
)

// TestPrintParsesToTheSame: what a policy prints is the policy.
func TestPrintParsesToTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(iam.Kinds()).Draw(t, "kind")
		policy := compileRandom(t, kind, randomDocument(t, kind)).Policy()
		printed := policy.String()
		again, err := iam.Parse(kind, []byte(printed))
		if err != nil {
			t.Fatalf("%s: %v", printed, err)
		}
		if diff := cmp.Diff(policy, again, cmpopts.IgnoreTypes(iam.Position{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s (-printed +parsed)\n%s", printed, diff)
		}
		if twice := again.String(); twice != printed {
			t.Fatalf("printed once\n%s\nprinted twice\n%s", printed, twice)
		}
	})
}

// TestParseReadsAsTheTreeDoes: what Parse gives without a syntax tree is what
// the tree gives, of sound documents and of broken ones.
func TestParseReadsAsTheTreeDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(iam.Kinds()).Draw(t, "kind")
		written := rapid.SampledFrom([]iam.Kind{kind, kind, iam.Identity, iam.Resource, iam.Trust}).
			Draw(t, "written for")
		text := compileRandom(t, written, randomDocument(t, written)).Policy().String()
		for range rapid.IntRange(0, 2).Draw(t, "faults") {
			text = damage(t, text)
		}
		policy, _ := iam.Parse(kind, []byte(text))
		if difference := fromTree(kind, []byte(text), policy); difference != "" {
			t.Fatalf("%s (-tree +parsed)\n%s", text, difference)
		}
	})
}

// damage takes a part of a text out, says it twice, or puts another in.
func damage(t *rapid.T, text string) string {
	cuts := []int{0, len(text)}
	for i, c := range text {
		if strings.ContainsRune("{}[],:\"", c) {
			cuts = append(cuts, i, i+1)
		}
	}
	slices.Sort(cuts)
	from := rapid.IntRange(0, len(cuts)-1).Draw(t, "from")
	to := min(from+rapid.IntRange(0, 12).Draw(t, "length"), len(cuts)-1)
	before, part, after := text[:cuts[from]], text[cuts[from]:cuts[to]], text[cuts[to]:]
	switch rapid.IntRange(0, 2).Draw(t, "damage") {
	case 0:
		return before + after
	case 1:
		return before + part + part + after
	default:
		return before + oneOf(t, "inserted", ",", "{}", "[]", "null", "1.5e3", "true", `""`, `"Action":"*",`,
			`"NotAction":"*",`, `"Principal":"*",`, `"NotPrincipal":{"AWS":"*"},`, `"NotResource":"*",`, `"Sid":"x",`,
			"//", " \n", "\\", "\x00", "\u00e9", "\xff") + after
	}
}

// TestDenyNeverGrants: another Deny, anywhere, never allows more.
func TestDenyNeverGrants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		before := iam.Evaluate(d.compile(t), r)
		d.each(func(kind iam.Kind, document map[string]any) {
			if rapid.Bool().Draw(t, "deny more") {
				document["Statement"] = append(document["Statement"].([]any), randomStatement(t, kind, "Deny"))
			}
		})
		after := iam.Evaluate(d.compile(t), r)
		if !before.Allowed() && after.Allowed() {
			t.Fatalf("%v before, %v after", before, after)
		}
		if before.Effect == iam.ExplicitDeny && after.Effect != iam.ExplicitDeny {
			t.Fatalf("a Deny was lost: %v before, %v after", before, after)
		}
	})
}

// TestFewerAllowsNeverGrant: taking a statement away that allows never allows
// more.
func TestFewerAllowsNeverGrant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		before := iam.Evaluate(d.compile(t), r)
		d.each(func(_ iam.Kind, document map[string]any) {
			statements := document["Statement"].([]any)
			at := rapid.IntRange(0, len(statements)-1).Draw(t, "taken")
			if statements[at].(map[string]any)["Effect"] == "Allow" && len(statements) > 1 {
				document["Statement"] = slices.Delete(slices.Clone(statements), at, at+1)
			}
		})
		if after := iam.Evaluate(d.compile(t), r); !before.Allowed() && after.Allowed() {
			t.Fatalf("%v before, %v after", before, after)
		}
	})
}

// TestOrderAndCaseDoNotMatter: statements, actions and their case can be
// shuffled.
func TestOrderAndCaseDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		before := iam.Evaluate(d.compile(t), r)
		d.each(func(_ iam.Kind, document map[string]any) {
			document["Statement"] = rapid.Permutation(document["Statement"].([]any)).Draw(t, "statements")
			for _, s := range document["Statement"].([]any) {
				shuffleActions(t, s.(map[string]any))
			}
		})
		d.identity = rapid.Permutation(d.identity).Draw(t, "identity")
		d.session = rapid.Permutation(d.session).Draw(t, "session")
		r.Action = strings.ToUpper(r.Action)
		if after := iam.Evaluate(d.compile(t), r); before.Effect != after.Effect {
			t.Fatalf("%v before, %v after", before, after)
		}
	})
}

func shuffleActions(t *rapid.T, statement map[string]any) {
	for _, name := range []string{"Action", "NotAction"} {
		list, ok := statement[name].([]string)
		if !ok || len(list) == 0 {
			continue
		}
		list = rapid.Permutation(list).Draw(t, "actions")
		for i := range list {
			list[i] = strings.ToLower(list[i])
		}
		statement[name] = list
	}
}

// TestNarrowerSessionNeverWidens: neither the first session policy nor a
// condition more in every statement of one allows more. (A federated user's
// first one does: without any, such a session is empty.)
func TestNarrowerSessionNeverWidens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		if r.Principal.Type == iam.FederatedUser && len(d.session) == 0 {
			d.session = append(d.session, randomDocument(t, iam.Session))
		}
		before := iam.Evaluate(d.compile(t), r)
		if len(d.session) == 0 {
			d.session = append(d.session, randomDocument(t, iam.Session))
		} else {
			condition := randomCondition(t)
			for _, s := range rapid.SampledFrom(d.session).Draw(t, "narrowed")["Statement"].([]any) {
				if s := s.(map[string]any); s["Effect"] == "Allow" {
					narrow(s, condition)
				}
			}
		}
		if after := iam.Evaluate(d.compile(t), r); !before.Allowed() && after.Allowed() {
			t.Fatalf("%v before, %v after", before, after)
		}
	})
}

// narrow adds to a statement the operators of a condition that it has not.
func narrow(statement, condition map[string]any) {
	has, _ := statement["Condition"].(map[string]any)
	if has == nil {
		has = map[string]any{}
		statement["Condition"] = has
	}
	for operator, keys := range condition {
		if _, ok := has[operator]; !ok {
			has[operator] = keys
		}
	}
}

// TestAnySessionPolicyIsEnough: it does not matter in how many documents a
// session's limit is written.
func TestAnySessionPolicyIsEnough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		for len(d.session) < 2 {
			d.session = append(d.session, randomDocument(t, iam.Session))
		}
		for i := range d.session {
			d.session[i]["Version"] = iam.Version2012
		}
		apart := iam.Evaluate(d.compile(t), r)
		joined := map[string]any{"Version": iam.Version2012}
		var statements []any
		for _, document := range d.session {
			statements = append(statements, document["Statement"].([]any)...)
		}
		joined["Statement"] = statements
		d.session = []map[string]any{joined}
		if together := iam.Evaluate(d.compile(t), r); apart.Effect != together.Effect {
			t.Fatalf("%v apart, %v together", apart, together)
		}
	})
}

// TestBoundaryNeverWidens: a permissions boundary never allows more.
func TestBoundaryNeverWidens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, r := randomDocuments(t), randomRequest(t)
		d.boundary = nil
		before := iam.Evaluate(d.compile(t), r)
		d.boundary = randomDocument(t, iam.Boundary)
		if after := iam.Evaluate(d.compile(t), r); !before.Allowed() && after.Allowed() {
			t.Fatalf("%v before, %v after", before, after)
		}
	})
}

// recorder gathers what an observer is told.
type recorder struct{ applied map[iam.Kind]bool }

func (r *recorder) Statement(kind iam.Kind, policy int, c *iam.Compiled, statement int, m iam.Match) {
	if m.Applies && c.Policy().Statements[statement].Effect.Value == "Deny" {
		r.applied[kind] = true
	}
}

// TestObserveAgrees: observing changes nothing, and the observer sees every
// Deny that applies.
func TestObserveAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policies, r := randomDocuments(t).compile(t), randomRequest(t)
		seen := recorder{applied: make(map[iam.Kind]bool)}
		want, got := iam.Evaluate(policies, r), iam.Observe(policies, r, &seen)
		if want != got {
			t.Fatalf("Evaluate gives %v, Observe %v", want, got)
		}
		if denied := got.Effect == iam.ExplicitDeny; denied != (len(seen.applied) > 0) &&
			got.Reason != iam.NoPermissionNeeded {
			t.Fatalf("denied %t, and Deny statements that apply: %v", denied, seen.applied)
		}
	})
}

// TestConcurrentEqualsSequential: many goroutines share policies and request.
func TestConcurrentEqualsSequential(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policies, r := randomDocuments(t).compile(t), randomRequest(t)
		want := iam.Evaluate(policies, r)
		got := make([]iam.Decision, 4)
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() { got[i] = iam.Evaluate(policies, r) })
		}
		group.Wait()
		for _, d := range got {
			if d != want {
				t.Fatalf("sequential %v, concurrent %v", want, d)
			}
		}
	})
}

// TestDecisionsAllocateNothing holds the decision path to no allocation, over
// the whole corpus.
func TestDecisionsAllocateNothing(t *testing.T) {
	for _, c := range readCorpus(t) {
		policies, r := c.policies(t), c.request(t)
		if n := testing.AllocsPerRun(5, func() { iam.Evaluate(policies, r) }); n != 0 {
			t.Errorf("%s: %v allocations", c.ID, n)
		}
	}
}

// TestBindingAllocatesNothing holds a context that is used again to none.
func TestBindingAllocatesNothing(t *testing.T) {
	r := fiveCalls()[0]
	n := testing.AllocsPerRun(20, func() {
		r.Context.Reset()
		bindFive(r, "reports/", "203.0.113.9", "true", "60")
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
