package view

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/doctor"
)

// Verification is a run of the doctor as the checklist shows it.
type Verification struct {
	ID          string
	Integration string // its ID
	Credential  string // ID of the access key, if it is for one
	State       string // "running", "verified", "failing", "insecure", "propagating"
	Reason      string // why it is not verified
	StartedAt   time.Time
	Took        time.Duration
	AgainAt     time.Time // when it is tried again automatically; zero: not
	Earlier     bool      // not the last one
	ProvenAt    time.Time // when the integration was last verified; zero: never
	Out         bool      // the integration is switched off or removed
	Revision    int64     // of the integration that it is about
	Edited      bool      // the integration is another by now
	Checks      []Check
}

// Check is one check.
type Check struct {
	Code     string
	Status   string // "pass", "warn", "fail", "skip", "running", "waiting"
	Detail   string
	Cause    string
	Fix      string
	WaitsFor string // for "skip": the check's code
	Took     time.Duration
	Calls    []Call
	Document string // the corrected document, JSON
	Name     string // the kind of document: "Trust policy"
	Diff     string // against the one that was printed
	Command  string // the same as an AWS CLI command
	Ours     bool   // the failure doesn't concern the role
	SameAs   string // title of the check that has the document and the command already
	Fresh    bool   // came just now
}

// Call is a call that the check made, and the response.
type Call struct{ Action, Resource, Answer, RequestID string }

// Title returns what the check proves.
func (c Check) Title() string { return doctor.Code(c.Code).Title() }

// Mark is the check's sign.
func (c Check) Mark() page.Chip { return CheckMark(c.Status) }

// Open reports whether the check has details beyond one line.
func (c Check) Open() bool { return c.Status == "fail" || c.Status == "warn" }

// WaitsTitle returns what the check waits for.
func (c Check) WaitsTitle() string { return doctor.Code(c.WaitsFor).Title() }

// Running reports whether the run is in progress.
func (v *Verification) Running() bool { return v.State == string(doctor.Running) }

// Again reports whether another run follows automatically, so that the page
// should look for it.
func (v *Verification) Again() bool {
	return !v.Earlier && !v.Running() && (v.State == string(doctor.Propagating) || v.Edited && !v.Out)
}

// past reports whether it is about the integration as it was before an edit.
func (v *Verification) past() bool { return v.Edited && !v.Running() }

// Tone is the verdict's colour.
func (v *Verification) Tone() string { return v.chip().Tone }

// Icon is the verdict's sign.
func (v *Verification) Icon() string { return v.chip().Icon }

func (v *Verification) chip() page.Chip {
	switch {
	case v.past():
		return page.Chip{Tone: "", Icon: "history", Label: "Before the edit"}
	case v.unproven():
		return page.Chip{Tone: "warn", Icon: "circle-question-mark", Label: "Not proven"}
	}
	return IntegrationChip(v.State)
}

// unproven reports whether all failures are problems of Windlass itself or of
// its connection to AWS.
func (v *Verification) unproven() bool {
	if v.State != string(doctor.Failing) {
		return false
	}
	for _, c := range v.Checks {
		if c.Status == "fail" && !c.Ours {
			return false
		}
	}
	return true
}

// Headline is the verdict.
func (v *Verification) Headline() string {
	if v.past() {
		return "From before the last edit"
	}
	switch v.State {
	case "running":
		return fmt.Sprintf("Checking, %d of %d done", v.done(), len(v.Checks))
	case "propagating":
		return "IAM is still spreading the change"
	case "verified":
		if v.count("warn") > 0 {
			return "Verified, with warnings"
		}
		if v.Out {
			return "It opened exactly what it should"
		}
		return "It opens exactly what it should"
	case "insecure":
		return "This role lets in more than Windlass"
	}
	if v.unproven() {
		return "Not verified: Windlass couldn’t make the calls"
	}
	if !v.ProvenAt.IsZero() {
		return "No longer working: " + page.Plural(v.count("fail"), "check fails", "checks fail")
	}
	return "Not working yet: " + page.Plural(v.count("fail"), "check fails", "checks fail")
}

// Summary is the sentence below the verdict.
func (v *Verification) Summary() string {
	if v.past() {
		return "The results below are from that version. Windlass verifies the current one in a moment."
	}
	switch v.State {
	case "running":
		return "Each check makes a real call to AWS, the way your loads do."
	case "propagating":
		return "AWS takes up to two minutes to apply an edit. Windlass repeats the checks automatically."
	case "verified":
		if v.Credential != "" {
			return page.Plural(v.count("pass"), "check", "checks") +
				" passed. The results outside the location are below."
		}
		return fmt.Sprintf("%s passed. Nothing was readable outside the declared locations, and nobody gets in without the External ID.",
			page.Plural(v.count("pass"), "check", "checks"))
	case "insecure":
		return "Windlass loads nothing through it until the trust policy requires the External ID. The statement " +
			"to change is below."
	}
	switch {
	case v.count("fail") == 0:
		return v.Reason
	case v.unproven() && v.Credential != "":
		return "This isn’t a problem of the key: the failure was in Windlass or on the way to the service."
	case v.unproven():
		return "This isn’t a problem of the role: the failure was in Windlass or on the way to AWS."
	}
	return "The first failing check is usually the cause of the others. Fix it, then verify again."
}

func (v *Verification) count(status string) int {
	n := 0
	for _, c := range v.Checks {
		if c.Status == status {
			n++
		}
	}
	return n
}

func (v *Verification) done() int {
	return len(v.Checks) - v.count("waiting") - v.count("running")
}
