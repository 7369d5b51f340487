package doctor_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// cause is one way to break a setup.
type cause struct {
	options []doctortest.Option
	draft   func(*integration.Draft)
	// connect creates the role; nil: with the printed documents.
	connect func(*patient)
	// ail breaks the connected setup.
	ail func(*patient)
	// the expected result: the check, its status (default fail), the cause.
	check  doctor.Code
	status doctor.Status
	cause  doctor.CauseCode
	says   string // a part of the cause's sentence
	state  doctor.State
	// repair applies a fix that isn't a command.
	repair func(*patient, *doctor.Fix)
}

func TestCause(t *testing.T) {
	t.Parallel()
	for name, tt := range causes {
		t.Run(name, tt.prove)
	}
}

// prove breaks a setup, verifies it, applies the fix, and verifies it again.
func (tt cause) prove(t *testing.T) {
	t.Parallel()
	p := &patient{T: t, World: doctortest.Start(t, tt.options...)}
	drafts := []func(*integration.Draft){}
	if tt.draft != nil {
		drafts = append(drafts, tt.draft)
	}
	p.i = p.MustReserve(t, drafts...)
	if tt.connect == nil {
		p.i = p.MustConnect(t, p.i)
	} else {
		tt.connect(p)
	}
	p.Settle()
	if tt.ail != nil {
		tt.ail(p)
	}
	v := p.MustVerify(t, p.i, p.documents)
	tt.judge(p, v)
	check := v.Check(tt.check)
	if check == nil || check.Fix == nil || t.Failed() {
		t.FailNow()
	}
	if tt.repair == nil {
		p.apply(check.Fix)
	} else {
		tt.repair(p, check.Fix)
	}
	p.Settle()
	v = p.MustVerify(t, p.i)
	if v.State != doctor.Verified {
		t.Errorf("fixed by %q, it is\n%s", check.Fix.Text, describe(v))
	}
	if c := v.Check(tt.check); c.Status != doctor.Pass && tt.cause != doctor.CauseLeftBehind {
		t.Errorf("fixed by %q, the check is %s: %s\n%s", check.Fix.Text, c.Status, c.Detail, describe(v))
	}
}

// judge compares a verification with the expected result.
func (tt cause) judge(p *patient, v doctor.Verification) {
	p.Helper()
	wantState, wantStatus := tt.state, tt.status
	if wantState == "" {
		wantState = doctor.Failing
	}
	if wantStatus == "" {
		wantStatus = doctor.Fail
	}
	check := v.Check(tt.check)
	if v.State != wantState || check == nil || check.Status != wantStatus || check.CauseCode != tt.cause ||
		!strings.Contains(check.Cause, tt.says) {
		p.Errorf("want %s with %s %s for %s that says %q, got\n%s", wantState, tt.check, wantStatus, tt.cause, tt.says,
			describe(v))
	}
	if v.Calls() > doctor.MaxCalls {
		p.Errorf("%d calls were made", v.Calls())
	}
	i := p.MustGet(p.T, p.i)
	if got := i.Overall(); string(got.State) != string(wantState) {
		p.Errorf("the integration is %s, want %s", got.State, wantState)
	}
	if tt.cause != doctor.CauseLeftBehind && tt.check != doctor.CodeDelete {
		p.mustHaveNoMarker(true)
	}
}
