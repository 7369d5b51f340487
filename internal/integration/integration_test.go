package integration_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

const aRole = "arn:aws:iam::222222222222:role/reader"

func TestReserveThenGiveTheRole(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	if i.State != integration.Reserved || i.RoleARN != "" || i.PrincipalARN != w.Principal || i.ExpiresAt().
		Sub(i.CreatedAt) != 48*time.Hour {
		t.Errorf("reserved: got %+v", i)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(string(i.ExternalID)) {
		t.Errorf("the External ID %q is not 32 lower-case hexadecimal digits", i.ExternalID)
	}
	given := w.MustGiveRole(t, i, aRole)
	if given.State != integration.Unverified || given.ExternalID != i.ExternalID || given.Revision != i.Revision+1 ||
		!given.ExpiresAt().IsZero() {
		t.Errorf("with a role: got %+v", given)
	}
	other := "arn:aws:iam::222222222222:role/other"
	changed := w.MustGiveRole(t, given, other)
	if changed.ExternalID != i.ExternalID || string(changed.RoleARN) != other {
		t.Errorf("with another role: got %+v", changed)
	}
}

func TestRoleFirstIsTheSeedsOrder(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i, err := w.Integrations.Create(t.Context(), w.Actor, doctortest.Workspace, integration.Draft{RoleARN: aRole})
	if err != nil {
		t.Fatal(err)
	}
	if i.State != integration.Unverified || i.Name != "reader" || len(i.Locations) != 0 ||
		i.Access != integration.Read {
		t.Errorf("got %+v", i)
	}
	documents, err := i.Documents()
	if err != nil || documents.Permission != nil || documents.RoleName != "reader" {
		t.Errorf("got %+v, %v", documents, err)
	}
	if _, err := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, aws.JSON); !problem.Is(err,
		problem.Conflict) {
		t.Errorf("documents without a location: got %v", err)
	}
	again, err := w.Integrations.Create(t.Context(), w.Actor, doctortest.Workspace, integration.Draft{RoleARN: aRole})
	if err != nil || again.Name != "reader-2" || again.ExternalID == i.ExternalID {
		t.Errorf("a second for the same role: got %+v, %v", again, err)
	}
}

func TestExternalIDIsTakenFromNobody(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	_, create := w.Integrations.Create(t.Context(), w.Actor, doctortest.Workspace,
		integration.Draft{ExternalID: string(i.ExternalID)})
	_, update := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		integration.Change{ExternalID: "mine"})
	for _, err := range []error{create, update} {
		findings := problem.From(err).Findings
		if !problem.Is(err, problem.Invalid) || len(findings) != 1 || findings[0].Path != "external_id" ||
			!strings.Contains(findings[0].Message, "another customer's role") {
			t.Errorf("got %v with %+v, want a refusal with its reason", err, findings)
		}
	}
}

func TestExternalIDsAreNeverTheSame(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	seen := map[string]bool{}
	for range 20 {
		i := w.MustReserve(t, func(d *integration.Draft) { d.Name = "" })
		if seen[string(i.ExternalID)] {
			t.Fatalf("the External ID %s was made twice", i.ExternalID)
		}
		seen[string(i.ExternalID)] = true
		if _, err := w.Integrations.Remove(t.Context(), w.Actor, doctortest.Workspace, i.ID,
			impact.Waived()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDraftIsCheckedWhole(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) { p.Integration.Endpoints = dial.Policy{} })
	_, err := w.Integrations.Create(t.Context(), w.Actor, doctortest.Workspace, integration.Draft{
		Name: "\x00", RoleARN: "arn:aws:iam::222222222222:user/ann", Access: "admin", Region: "moon",
		Endpoint:      "http://169.254.169.254/",
		SessionLength: time.Second, Locations: []object.Location{
			{Bucket: "A"},
			{Bucket: "acme", Prefix: "../"},
			{Bucket: "acme", Prefix: "a/"},
			{Bucket: "acme", Prefix: "a/b"},
		},
	})
	var got []string
	for _, f := range problem.From(err).Findings {
		got = append(got, f.Path)
	}
	want := []string{
		"name", "role_arn", "locations[0].bucket", "locations[1].prefix", "locations[3]", "access",
		"region", "session_seconds", "endpoint",
	}
	if diff := cmp.Diff(want, got); diff != "" || !problem.Is(err, problem.Invalid) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	many := func(n int, prefix string) []object.Location {
		var out []object.Location
		for k := range n {
			out = append(out, object.Location{Bucket: "acme", Prefix: string(rune('a'+k)) + prefix})
		}
		return out
	}
	for name, tt := range map[string]struct {
		draft integration.Draft
		path  string
	}{
		"another partition": {
			integration.Draft{RoleARN: "arn:aws-cn:iam::222222222222:role/reader"},
			"role_arn",
		},
		"too many locations":     {integration.Draft{Locations: many(9, "")}, "locations"},
		"too long for a session": {integration.Draft{Locations: many(8, strings.Repeat("x", 300))}, "locations"},
		"the same location twice": {integration.Draft{Locations: []object.Location{
			{Bucket: "acme"},
			{Bucket: "acme"},
		}}, "locations[1]"},
		"a key's alias": {
			integration.Draft{KMSKeyARNs: []string{"arn:aws:kms:us-east-1:222222222222:alias/acme"}},
			"kms_key_arns[0]",
		},
		"any key": {
			integration.Draft{KMSKeyARNs: []string{"*"}, Locations: many(1, "")},
			"kms_key_arns[0]",
		},
		"an endpoint with a path":    {integration.Draft{Endpoint: "https://s3.example.com/x"}, "endpoint"},
		"an endpoint with a user":    {integration.Draft{Endpoint: "https://me@s3.example.com"}, "endpoint"},
		"a webhook that is no page":  {integration.Draft{WebhookURL: "ftp://127.0.0.1/"}, "webhook_url"},
		"a session of a day":         {integration.Draft{SessionLength: 24 * time.Hour}, "session_seconds"},
		"a name with a line feed":    {integration.Draft{Name: "a\nb"}, "name"},
		"a region that is a host":    {integration.Draft{Region: "eu-west-1.evil.example"}, "region"},
		"a role with white space":    {integration.Draft{RoleARN: aRole + " "}, "role_arn"},
		"a wildcard for a role":      {integration.Draft{RoleARN: "arn:aws:iam::222222222222:role/*"}, "role_arn"},
		"an access that is not ours": {integration.Draft{Access: "write"}, "access"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := w.Integrations.Create(t.Context(), w.Actor, doctortest.Workspace, tt.draft)
			findings := problem.From(err).Findings
			if !problem.Is(err, problem.Invalid) || len(findings) != 1 || findings[0].Path != tt.path {
				t.Errorf("got %v with %+v, want one finding at %s", err, findings, tt.path)
			}
		})
	}
}

func TestEditShowsWhatChanges(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	locations := append(i.Locations, object.Location{Bucket: "acme-more", Prefix: "x"})
	edited, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, "acme",
		integration.Change{Locations: &locations})
	if err != nil {
		t.Fatal(err)
	}
	if edited.TrustDiff != "" || !strings.Contains(edited.AccessDiff, `+        "arn:aws:s3:::acme-more/x/*"`) {
		t.Errorf("got the diffs %q and\n%s", edited.TrustDiff, edited.AccessDiff)
	}
	if edited.Integration.State != integration.Unverified {
		t.Errorf("after an edit of the locations it is %s", edited.Integration.State)
	}
}

func TestEditOfTheNameKeepsWhatIsProven(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	name := "renamed"
	edited, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		integration.Change{Name: &name})
	if err != nil || edited.Integration.State != integration.Verified || edited.Integration.Name != name ||
		edited.TrustDiff+edited.AccessDiff != "" {
		t.Errorf("got %+v, %v", edited, err)
	}
	w.MustReserve(t)
	taken := "acme"
	if _, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		integration.Change{Name: &taken}); !problem.Is(err, problem.Conflict) {
		t.Errorf("a name that is taken: got %v", err)
	}
}

func TestDisableAndEnable(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	for _, step := range []struct {
		disabled bool
		want     integration.State
	}{{true, integration.Disabled}, {true, integration.Disabled}, {false, integration.Unverified}} {
		edited, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
			integration.Change{Disabled: &step.disabled})
		if err != nil || edited.Integration.State != step.want {
			t.Errorf("disabled %v: got %s, %v", step.disabled, edited.Integration.State, err)
		}
	}
}

func TestSetupInEveryFormat(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	for _, format := range integration.Formats() {
		text, err := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, format)
		if err != nil || !strings.Contains(text, string(i.ExternalID)) || !strings.Contains(text, w.Principal) ||
			!strings.Contains(text, doctortest.Bucket) {
			t.Errorf("%s: %v\n%s", format, err, text)
		}
	}
	text, _ := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, aws.JSON)
	if !json.Valid([]byte(text)) {
		t.Errorf("invalid JSON:\n%s", text)
	}
	if _, err := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, "pdf"); !problem.Is(err,
		problem.Invalid) {
		t.Errorf("an unknown format: got %v", err)
	}
}

func TestAccessIsForTheVerifiedAlone(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	reserved := w.MustReserve(t)
	refuse := func(when string, code problem.Code) {
		t.Helper()
		if _, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, reserved.ID,
			doctortest.Bucket); !problem.Is(err, code) {
			t.Errorf("%s: got %v, want %s", when, err, code)
		}
	}
	refuse("reserved", problem.Conflict)
	i := w.MustConnect(t, reserved)
	refuse("unverified", problem.Conflict)
	w.MustVerify(t, i)
	reach, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(i.Locations, reach.Locations); diff != "" || reach.Bucket != doctortest.Bucket {
		t.Errorf("got %+v (-want +got):\n%s", reach, diff)
	}
	if keys, err := reach.Keys(t.Context()); err != nil || keys.SessionToken.IsZero() {
		t.Errorf("got keys %v, %v", keys, err)
	}
	if _, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID, "acme-other"); !problem.Is(err,
		problem.Forbidden) {
		t.Errorf("a bucket that is not declared: got %v", err)
	}

	off := true
	if _, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		integration.Change{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	refuse("disabled", problem.Conflict)
	if _, err := reach.Keys(t.Context()); !problem.Is(err, problem.Conflict) {
		t.Errorf("keys of a disabled integration: got %v", err)
	}
}

func TestAccessToOneBucketOfSeveralIsNarrowed(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	w.AWS.MustBucket(t, w.AWS.Customer.Keys, "acme-more")
	w.AWS.MustPut(t, w.AWS.Customer.Keys, "acme-more", "x/1", "1")
	i := w.MustConnect(t, w.MustReserve(t, func(d *integration.Draft) {
		d.Locations = append(d.Locations, object.Location{Bucket: "acme-more", Prefix: "x/"})
		d.Access = integration.ReadWrite
	}))
	w.MustVerify(t, i)
	reach, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID, "acme-more")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := reach.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := func(bucket, prefix string) error { return w.List(t, keys, bucket, prefix) }
	if err := list("acme-more", "x/"); err != nil {
		t.Errorf("the declared location: %v", err)
	}
	if err := list(doctortest.Bucket, doctortest.Prefix); err == nil {
		t.Error("a session for one bucket lists the other")
	}
	if err := w.Put(t, keys, "acme-more", "x/2"); err == nil {
		t.Error("a session for reading writes")
	}
}

func TestRemoveAndRestore(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	reach, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	removed, err := w.Integrations.Remove(t.Context(), w.Actor, doctortest.Workspace, i.ID, impact.Waived())
	if err != nil || removed.State != integration.Removed {
		t.Fatalf("got %+v, %v", removed, err)
	}
	if found, err := w.Integrations.List(t.Context(), w.Actor, doctortest.Workspace, paging.Request{}); err != nil ||
		len(found.Items) != 0 {
		t.Errorf("the list has %v, %v", found.Items, err)
	}
	if _, err := reach.Keys(t.Context()); err != nil {
		t.Errorf("a load that runs is not let go on: %v", err)
	}
	if _, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		doctortest.Bucket); !problem.Is(err, problem.NotFound) {
		t.Errorf("a removed integration gives access: %v", err)
	}
	w.Advance(integration.DrainFor)
	if _, err := reach.Keys(t.Context()); !problem.Is(err, problem.NotFound) {
		t.Errorf("keys go on forever: %v", err)
	}
	if found, err := w.Integrations.Removed(t.Context(), w.Actor, doctortest.Workspace); err != nil ||
		len(found) != 1 || found[0].ID != i.ID {
		t.Errorf("the removed ones are %v, %v", found, err)
	}
	restored, err := w.Integrations.Restore(t.Context(), w.Actor, doctortest.Workspace, i.Name)
	if err != nil || restored.State != integration.Unverified || restored.ExternalID != i.ExternalID {
		t.Errorf("restored: got %+v, %v", restored, err)
	}
	if _, err := w.Integrations.Remove(t.Context(), w.Actor, doctortest.Workspace, i.ID, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	w.Advance(integration.RestoredFor)
	if found, err := w.Integrations.Removed(t.Context(), w.Actor, doctortest.Workspace); err != nil || len(found) != 0 {
		t.Errorf("after a day the removed ones are %v, %v", found, err)
	}
	if _, err := w.Integrations.Restore(t.Context(), w.Actor, doctortest.Workspace, i.ID); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("restored after a day: got %v", err)
	}
}

func TestRemoveWhatIsNeeded(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) {
		p.Integration.Dependents = doctortest.Dependents{
			{Kind: "source", ID: "src_1", Name: "prices"},
			{Kind: "source", ID: "src_2", Name: "b"},
			{Kind: "source", ID: "src_3", Name: "c"},
			{Kind: "dataset", ID: "ds_1", Name: "d"},
			{Kind: "dataset", ID: "ds_2", Name: "e"},
			{Kind: "grant", ID: "grt_1", Name: "f"},
		}
	})
	i := w.MustReserve(t)
	if needed, err := w.Integrations.Impact(t.Context(), w.Actor, doctortest.Workspace, i.ID); err != nil ||
		len(needed.Stops) != 6 || needed.Stops[0].Name != "prices" || needed.Confirm != i.Name || needed.Undo != "24h" {
		t.Errorf("impact: got %v, %v", needed, err)
	}
	for _, name := range []string{"", "other"} {
		_, err := w.Integrations.Remove(t.Context(), w.Actor, doctortest.Workspace, i.ID, impact.Confirmed(name))
		if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(),
			"3 sources, 2 datasets and 1 grant stop.") {
			t.Errorf("confirmed with %q: got %v, want a refusal that counts what stops", name, err)
		}
	}
	if _, err := w.Integrations.Remove(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		impact.Confirmed(i.Name)); err != nil {
		t.Errorf("confirmed: got %v", err)
	}
}

func TestReservationExpires(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t, func(p *doctortest.Parts) {
		p.Integration.Notes = audit.NewRecorder(
			p.Doctor.Store.(audit.Appender))
	})
	i := w.MustReserve(t)
	kept := w.MustGiveRole(t, w.MustReserve(t, func(d *integration.Draft) { d.Name = "kept" }), aRole)
	w.Advance(integration.ReservedFor - time.Minute)
	if expired, err := w.Integrations.Expire(t.Context()); err != nil || len(expired) != 0 {
		t.Errorf("too early: %v, %v", expired, err)
	}
	w.Advance(2 * time.Minute)
	if expired, err := w.Integrations.Expire(t.Context()); err != nil || len(expired) != 1 || expired[0].ID != i.ID {
		t.Errorf("got %v, %v", expired, err)
	}
	if got := w.MustGet(t, kept); got.State != integration.Unverified {
		t.Errorf("the one with a role is %s", got.State)
	}
	reader := audit.New(audit.Config{Store: w.Store, Checker: access.NewChecker(w.Decisions, time.Now)})
	entries, err := reader.List(t.Context(), w.Actor, i.Workspace, audit.Filter{Resource: i.ID},
		paging.Request{Limit: 1})
	if err != nil || len(entries.Items) != 1 || !strings.Contains(entries.Items[0].Reason,
		"it had no role after 48 hours") {
		t.Errorf("the audit tells %+v, %v", entries.Items, err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustConnect(t, w.MustReserve(t))
	w.MustVerify(t, i)
	reach, err := w.Integrations.Access(t.Context(), w.Actor, doctortest.Workspace, i.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}

	started, err := w.Integrations.Rotate(t.Context(), w.Actor, doctortest.Workspace, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	next := started.Integration.NextExternalID
	if next == "" || next == i.ExternalID || started.Integration.ExternalID != i.ExternalID ||
		started.Integration.State != integration.Verified || !strings.Contains(started.TrustDiff, string(next)) {
		t.Errorf("started: got %+v", started)
	}
	if _, err := w.Integrations.Rotate(t.Context(), w.Actor, doctortest.Workspace, i.ID); !problem.Is(err,
		problem.Conflict) {
		t.Errorf("started twice: got %v", err)
	}
	if _, err := w.Integrations.CompleteRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		impact.Confirmed("")); !problem.Is(err, problem.Conflict) {
		t.Errorf("completed without a confirmation: got %v", err)
	}
	if ends, err := w.Integrations.RotationImpact(t.Context(), w.Actor, doctortest.Workspace, i.ID); err != nil ||
		len(ends.Stops) != 1 || ends.Stops[0].ID != string(i.ExternalID) {
		t.Errorf("the rotation stops %+v, %v", ends, err)
	}
	if _, err := w.Integrations.CompleteRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID,
		impact.Confirmed(i.Name)); !problem.Is(err, problem.Refused) {
		t.Errorf("completed before the role takes it: got %v", err)
	}
	documents, err := started.Integration.Documents()
	if err != nil {
		t.Fatal(err)
	}
	w.AWS.MustTrust(t, w.AWS.Customer, doctortest.RoleName, string(documents.Trust))
	if v := w.MustVerify(t, i); v.State != "verified" {
		t.Errorf("with both External IDs it is %s: %s", v.State, v.Reason)
	}
	if _, err := reach.Keys(t.Context()); err != nil {
		t.Errorf("a load that runs is stopped: %v", err)
	}
	completed, err := w.Integrations.CompleteRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID, impact.Waived())
	if err != nil || completed.Integration.ExternalID != next || completed.Integration.NextExternalID != "" ||
		completed.Integration.State != integration.Verified {
		t.Fatalf("completed: got %+v, %v", completed, err)
	}
	if _, err := w.Integrations.AbandonRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID); !problem.Is(err,
		problem.Conflict) {
		t.Errorf("given up when there is none: got %v", err)
	}
}

func TestAbandonRotation(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	if _, err := w.Integrations.Rotate(t.Context(), w.Actor, doctortest.Workspace, i.ID); err != nil {
		t.Fatal(err)
	}
	abandoned, err := w.Integrations.AbandonRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID)
	if err != nil || abandoned.Integration.ExternalID != i.ExternalID || abandoned.Integration.NextExternalID != "" {
		t.Errorf("got %+v, %v", abandoned, err)
	}
}

func TestVerdictOnAnOlderRevisionIsVoid(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustGiveRole(t, w.MustReserve(t), aRole)
	w.MustGiveRole(t, i, "arn:aws:iam::222222222222:role/other")
	after, _, err := w.Integrations.Conclude(t.Context(), i.Workspace, i.ID,
		integration.Verdict{Revision: i.Revision, State: integration.Verified})
	if err != nil || after.State != integration.Unverified {
		t.Errorf("got %s, %v", after.State, err)
	}
}

func TestEveryOperationIsCheckedFirst(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	stranger := w.OtherWorkspace(t, "ws_2")
	publishable := access.Actor{
		Kind: access.Publishable, ID: "tok_p", Workspace: doctortest.Workspace, Member: "mem_1",
		Role: access.Owner,
	}
	for name, act := range map[string]func(access.Actor) error{
		"get": func(a access.Actor) error {
			_, err := w.Integrations.Get(t.Context(), a, i.Workspace, i.ID)
			return err
		},
		"list": func(a access.Actor) error {
			_, err := w.Integrations.List(t.Context(), a, i.Workspace, paging.Request{})
			return err
		},
		"create": func(a access.Actor) error {
			_, err := w.Integrations.Create(t.Context(), a, i.Workspace, integration.Draft{})
			return err
		},
		"update": func(a access.Actor) error {
			_, err := w.Integrations.Update(t.Context(), a, i.Workspace, i.ID, integration.Change{})
			return err
		},
		"setup": func(a access.Actor) error {
			_, err := w.Integrations.Setup(t.Context(), a, i.Workspace, i.ID, aws.JSON)
			return err
		},
		"remove": func(a access.Actor) error {
			_, err := w.Integrations.Remove(t.Context(), a, i.Workspace, i.ID, impact.Waived())
			return err
		},
		"restore": func(a access.Actor) error {
			_, err := w.Integrations.Restore(t.Context(), a, i.Workspace, i.ID)
			return err
		},
		"impact": func(a access.Actor) error {
			_, err := w.Integrations.Impact(t.Context(), a, i.Workspace, i.ID)
			return err
		},
		"rotate": func(a access.Actor) error {
			_, err := w.Integrations.Rotate(t.Context(), a, i.Workspace, i.ID)
			return err
		},
		"complete": func(a access.Actor) error {
			_, err := w.Integrations.CompleteRotation(t.Context(), a, i.Workspace, i.ID, impact.Waived())
			return err
		},
		"abandon": func(a access.Actor) error {
			_, err := w.Integrations.AbandonRotation(t.Context(), a, i.Workspace, i.ID)
			return err
		},
		"access": func(a access.Actor) error {
			_, err := w.Integrations.Access(t.Context(), a, i.Workspace, i.ID, "acme")
			return err
		},
	} {
		if err := act(stranger); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s by another workspace: got %v", name, err)
		}
		if err := act(publishable); !problem.Is(err, problem.Forbidden) {
			t.Errorf("%s by a publishable token: got %v", name, err)
		}
	}
	if got := w.MustGet(t, i); got.State != integration.Reserved || got.Version != 1 {
		t.Errorf("something was done: %+v", got)
	}
}
