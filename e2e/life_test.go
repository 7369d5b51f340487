package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestIntegrationLife goes through the life of an integration in a browser: it is
// reserved before its role exists, verified, extended by a bucket, given a new
// External ID and another role, removed, and restored.
func TestIntegrationLife(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Desktop, "dark"}, {keyboard, browsertest.Phone, "light"}},
		func(t *testing.T, r *rig, s *sitting) {
			r.Customer.Fill("harbour-exports", harbourObjects)
			r.Customer.Fill("harbour-archive", map[string]string{"2025/sales.csv": "region,units\nnorth,1\n"})
			s.signIn(r)
			first := s.reserve(r)
			s.giveRole(r, "windlass-reader")
			s.proven()
			s.widen(r)
			s.rotate(r, first)
			s.changeRole(r)
			s.removeAndRestore(first)
		})
}

// reserve requests the two values before there is a role, and returns the
// External ID.
func (s *sitting) reserve(r *rig) string {
	s.t.Helper()
	s.Open(r.URL + "/sources/integrations/new")
	s.See("Where do you start?")
	s.choose("order", "reserve")
	s.enter("#bucket-0", "harbour-exports")
	s.enter("#prefix-0", "sales/")
	s.press("#integration-form .actions button")
	s.See("AWS integration reserved")
	s.look("life-reserved")
	return s.Text("#external-id")
}

// giveRole creates the role with the shown documents, and enters its ARN.
func (s *sitting) giveRole(r *rig, name string) {
	s.t.Helper()
	s.press(`a.btn[href="/sources/credentials"]`)
	s.press("#aws-integration .panel-foot a")
	s.See("Setup documents")
	role := r.Customer.CreateRole(name)
	s.paste(r, name)
	s.press(`.page-head a.btn[href$="/edit"]`)
	s.See("Add the role ARN")
	s.enter("#role_arn", role)
	s.See("Role " + name + " in account")
	s.press("#integration-form .actions button")
	s.See("Setup documents")
}

// paste returns a role the documents that the page prints.
func (s *sitting) paste(r *rig, name string) {
	s.t.Helper()
	r.Customer.EditTrust(name, s.document("Trust policy"))
	r.Customer.PutPolicy(name, s.document("Permission policy"))
}

func (s *sitting) document(label string) string {
	s.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("#setup figure")].find(f => f.querySelector("figcaption").textContent === %q)?.querySelector("pre").textContent ?? ""`, label)
	s.Until("printing the "+label, find)
	return browsertest.Evaluate[string](s.Page, find)
}

// proven verifies the integration and waits until the page shows success.
func (s *sitting) proven() {
	s.t.Helper()
	s.Until("no verification runs", `document.querySelector("#verify-action button:enabled")`)
	s.press(`.page-head form[action$="/verifications"] button`)
	s.See("It opens exactly what it should")
	s.Until("the state is verified", `document.querySelector("#integration-state").textContent.includes("Verified")`)
	s.Until("it can be verified again", `document.querySelector("#verify-action button:enabled").textContent.includes("Verify again")`)
}

// widen adds a bucket: the page shows immediately what to change on the role,
// and until that is done the integration isn't verified.
func (s *sitting) widen(r *rig) {
	s.t.Helper()
	s.press(`.page-head a.btn[href$="/edit"]`)
	s.See("Edit integration")
	s.press(`#locations button[value="add-location"]`)
	s.Until("a second row", `document.querySelector("#bucket-1")`)
	s.enter("#bucket-1", "harbour-archive")
	s.press("#integration-form .actions button")
	s.See("What to change on the role")
	s.look("life-widened")
	s.See("s3://harbour-archive/")
	s.paste(r, "windlass-reader")
	s.proven()
}

// rotate changes the External ID, with both in force between.
func (s *sitting) rotate(r *rig, first string) {
	s.t.Helper()
	s.press(`button[name="step"][value="start"]`)
	s.See("The trust policy below contains both.")
	s.look("life-rotating")
	next := s.Text("#next-id")
	s.paste(r, "windlass-reader")
	s.press(`a[href$="/rotation/complete"]`)
	s.See("1 External ID stops.")
	s.look("rotation-complete")
	s.press(`form[action$="/rotation/complete"] button`)
	s.Until("the new External ID is in use", fmt.Sprintf(
		`document.querySelector("#external-id")?.textContent === %q && !document.querySelector("#next-id")`, next))
	if next == first {
		s.t.Error("the new External ID is the old one")
	}
	s.paste(r, "windlass-reader")
	s.proven()
}

// changeRole moves to another role; the External ID stays.
func (s *sitting) changeRole(r *rig) {
	s.t.Helper()
	id, role := s.Text("#external-id"), r.Customer.CreateRole("windlass-reader-2")
	s.paste(r, "windlass-reader-2")
	s.press(`.page-head a.btn[href$="/edit"]`)
	s.See("Edit integration")
	s.enter("#role_arn", role)
	s.See("Role windlass-reader-2 in account")
	s.press("#integration-form .actions button")
	s.Until("the page names the new role", fmt.Sprintf(`document.querySelector("#role-arn")?.textContent === %q`, role))
	if got := s.Text("#external-id"); got != id {
		s.t.Errorf("with another role the External ID is %q, and was %q", got, id)
	}
	s.proven()
}

// removeAndRestore removes the integration and restores it.
func (s *sitting) removeAndRestore(first string) {
	s.t.Helper()
	id := s.Text("#external-id")
	s.press(`a.btn[href$="/remove"]`)
	s.See("Nothing uses it")
	s.press(`form[action$="/remove"] button`)
	s.See("You can restore each one")
	s.look("life-removed")
	s.press(`form[action$="/restore"] button`)
	s.See("AWS integration restored")
	if got := s.Text("#external-id"); got != id || got == first {
		s.t.Errorf("restored, the External ID is %q, and was %q", got, id)
	}
	s.proven()
}

// choose selects a radio button of a group; of two, the second.
func (s *sitting) choose(name, value string) {
	s.t.Helper()
	one := fmt.Sprintf(`input[name=%q][value=%q]`, name, value)
	if !s.keyboard {
		s.Click("label:has(" + one + ")")
		return
	}
	s.TabTo(fmt.Sprintf(`input[name=%q]`, name))
	s.Press(kb.ArrowRight)
	s.Until(value+" is chosen", `document.querySelector(`+fmt.Sprintf("%q", one)+`).checked`)
}
