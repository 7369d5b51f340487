package view

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
)

// About sets the integration's data. v may be nil.
func (v *Verification) About(i *integration.Integration) {
	if v != nil {
		v.ProvenAt, v.Out = i.VerifiedAt, i.State == integration.Disabled || i.State == integration.Removed
		v.Edited = v.Revision != i.Revision
	}
}

// VerificationOf converts a run for a page. While it runs, it also has the
// checks that are still to come.
func VerificationOf(run doctor.Verification) *Verification {
	v := &Verification{
		ID: run.ID, Integration: run.Integration, Credential: run.Credential, State: string(run.State),
		Reason:    run.Reason,
		StartedAt: run.StartedAt, AgainAt: run.AgainAt, Revision: run.Subject.Revision,
	}
	if !run.EndedAt.IsZero() {
		v.Took = run.EndedAt.Sub(run.StartedAt)
	}
	for _, check := range run.Checks {
		v.Checks = append(v.Checks, viewCheck(check))
	}
	sayOnce(v.Checks)
	if run.State == doctor.Running {
		v.Checks = append(v.Checks, checksToCome(run)...)
	}
	return v
}

// sayOnce removes changes that an earlier check already shows in full.
func sayOnce(checks []Check) {
	shown := map[string]string{}
	for n := range checks {
		c := &checks[n]
		change := c.Document + c.Command
		if change == "" {
			continue
		}
		if first := shown[change]; first != "" {
			c.SameAs, c.Document, c.Diff, c.Command = first, "", "", ""
			continue
		}
		shown[change] = c.Title()
	}
}

func viewCheck(check doctor.Check) Check {
	v := Check{
		Code: string(check.Code), Status: string(check.Status), Detail: check.Detail, Cause: check.Cause,
		WaitsFor: string(check.WaitsFor), Took: check.Took, Ours: check.CauseCode.Ours(),
	}
	for _, call := range check.Calls {
		v.Calls = append(v.Calls, Call{
			Action: call.Action, Resource: call.Resource, Answer: answerOf(call),
			RequestID: call.RequestID,
		})
	}
	if fix := check.Fix; fix != nil {
		v.Fix, v.Name, v.Document, v.Diff, v.Command = fix.Text, documentNames[fix.Where],
			page.IndentJSON(fix.Document),
			fix.Diff, fix.Command
	}
	return v
}

var documentNames = map[doctor.Where]string{
	doctor.TrustPolicy:      "Trust policy",
	doctor.PermissionPolicy: "Permission policy",
	doctor.BoundaryPolicy:   "Permissions boundary",
	doctor.BucketPolicy:     "Bucket policy",
}

func answerOf(call doctor.Call) string {
	if call.Status == 0 {
		return "none"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", call.Status, call.ErrorCode))
}

// checksToCome returns the checks that a run hasn't completed yet, in order.
// The first one is in progress.
func checksToCome(run doctor.Verification) []Check {
	var coming []Check
	for _, code := range []doctor.Code{
		doctor.CodeIdentity, doctor.CodeRoleARN, doctor.CodeAssume, doctor.CodeAssumeWithoutID,
		doctor.CodeAssumeWrongID, doctor.CodeVend,
		doctor.CodeRegion, doctor.CodeList, doctor.CodeListOutside, doctor.CodeGet, doctor.CodeGetOutside,
		doctor.CodePut, doctor.CodeDelete, doctor.CodePutRefused, doctor.CodeRequesterPays, doctor.CodeSessionPolicy,
	} {
		writes := code == doctor.CodePut || code == doctor.CodeDelete
		if run.Check(code) != nil || writes && run.Subject.Access != integration.ReadWrite ||
			code == doctor.CodeVend && !run.Subject.Vending || code == doctor.CodePutRefused &&
			run.Subject.Access == integration.ReadWrite {
			continue
		}
		status := "waiting"
		if len(coming) == 0 {
			status = "running"
		}
		coming = append(coming, Check{Code: string(code), Status: status})
	}
	return coming
}
