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

// TestPrintParsesToTheSame checks that parsing a printed policy returns the
// same policy.
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

// TestParseReadsAsTheTreeDoes checks that Parse returns the same policy with
// and without a syntax tree, for valid and broken documents.
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

// damage removes, repeats or replaces a part of a text.
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

// TestDenyNeverGrants checks that adding a Deny never allows more.
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

// TestFewerAllowsNeverGrant checks that removing an Allow never allows more.
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

// TestOrderAndCaseDoNotMatter checks that the order of statements and actions
// and the case of actions don't matter.
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

// TestNarrowerSessionNeverWidens checks that neither a first session policy
// nor another condition in each statement of one allows more. (A federated
// user's first session policy does, because the session has no permissions
// without one.)
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

// narrow adds a condition's operators to a statement unless it has them
// already.
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

// TestAnySessionPolicyIsEnough checks that one session policy and several
// equivalent ones have the same effect.
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
		join := map[string]any{"Version": iam.Version2012}
		var statements []any
		for _, document := range d.session {
			statements = append(statements, document["Statement"].([]any)...)
		}
		join["Statement"] = statements
		d.session = []map[string]any{join}
		if together := iam.Evaluate(d.compile(t), r); apart.Effect != together.Effect {
			t.Fatalf("%v apart, %v together", apart, together)
		}
	})
}

// TestBoundaryNeverWidens checks that a permissions boundary never allows
// more.
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

// recorder records what the observer receives.
type recorder struct{ applied map[iam.Kind]bool }

func (r *recorder) Statement(kind iam.Kind, policy int, c *iam.Compiled, statement int, m iam.Match) {
	if m.Applies && c.Policy().Statements[statement].Effect.Value == "Deny" {
		r.applied[kind] = true
	}
}

// TestObserveAgrees checks that an observer doesn't change the decision and
// sees every Deny that applies.
func TestObserveAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policies, r := randomDocuments(t).compile(t), randomRequest(t)
		describeCurrent := recorder{applied: make(map[iam.Kind]bool)}
		want, got := iam.Evaluate(policies, r), iam.Observe(policies, r, &describeCurrent)
		if want != got {
			t.Fatalf("Evaluate gives %v, Observe %v", want, got)
		}
		if denied := got.Effect == iam.ExplicitDeny; denied != (len(describeCurrent.applied) > 0) &&
			got.Reason != iam.NoPermissionNeeded {
			t.Fatalf("denied %t, and Deny statements that apply: %v", denied, describeCurrent.applied)
		}
	})
}

// TestConcurrentEqualsSequential checks that goroutines can share policies and
// requests.
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

// TestDecisionsAllocateNothing checks that decisions don't allocate, over the
// whole corpus.
func TestDecisionsAllocateNothing(t *testing.T) {
	for _, c := range readCorpus(t) {
		policies, r := c.policies(t), c.request(t)
		if n := testing.AllocsPerRun(5, func() { iam.Evaluate(policies, r) }); n != 0 {
			t.Errorf("%s: %v allocations", c.ID, n)
		}
	}
}

// TestBindingAllocatesNothing checks that reusing a context doesn't allocate.
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
