package e2e

import (
	"fmt"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
)

// TestSourceToDataset takes files from the bucket to a scheduled dataset in one form, and
// gives it another type and a unique index.
func TestSourceToDataset(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Desktop, "light"}, {mouse, browsertest.Phone, "dark"}},
		func(t *testing.T, r *rig, s *sitting) {
			r.Customer.Fill("harbour-exports", harbourObjects)
			role := r.Customer.CreateRole("windlass-reader")
			s.signIn(r)
			s.integrate(r, role)

			s.Open(r.URL + "/sources/data/new")
			s.enter("#pattern", "sales/*")
			s.Until(
				"the preview has rows",
				`document.querySelector("#draft-preview").textContent.includes("2026-01-01")`,
			)
			s.enter("#pattern", "sales/*.csv.gz")
			s.Until("the preview says why nothing matches",
				`document.querySelector("#draft-preview").textContent.includes("Does not match")`)
			s.look("source-new-no-match")
			s.enter("#pattern", "sales/*.csv")
			s.Until(
				"the preview has rows again",
				`document.querySelector("#draft-preview").textContent.includes("2026-01-01")`,
			)
			s.pick("when", "cron")
			s.enter("#schedule-cron", "0 6 * * 1-5")
			s.enter("#schedule-time_zone", "Europe/Berlin")
			s.press(`#source-form button[value="load"]`)
			s.Until(
				"the form asks for the dataset",
				`document.readyState === "complete" &&
					document.querySelector("#dataset").getAttribute("aria-invalid") === "true"`,
			)
			s.enter("#dataset", "SALES")
			s.press(`#source-form button[value="load"]`)
			s.Until("a load started", `location.pathname.startsWith("/loads/")`)
			s.See("7 rows loaded")

			s.Open(r.URL + "/schedules")
			s.See("SALES")
			s.See("0 6 * * 1-5")

			s.Open(r.URL + "/datasets/SALES/schema")
			s.See("Greatest")
			s.column("type", "units", "string")
			s.change("Change units to string")
			browsertest.Evaluate[bool](
				s.Page,
				`[...document.querySelectorAll("details")].forEach(d => d.open = true), true`,
			)
			s.pick("key", "region")
			s.pick("date", "day")
			browsertest.Evaluate[bool](s.Page, `document.querySelector("[name=unique]").checked = true`)
			s.change("index")
			s.look("dataset-schema-changed")

			s.Open(r.URL + "/sources/data")
			s.press("main a.row-link")
			s.See("Loading settings")
			s.press(`a[href*="/feeds/feed_"]`)
			s.enter("#feed-objects_at_once", "99")
			s.press("#feed-form .actions button")
			s.Until("the form comes back",
				`document.readyState === "complete" &&
					document.querySelector("#feed-objects_at_once").getAttribute("aria-invalid") === "true"`)
			s.look("source-feed")
			s.enter("#feed-objects_at_once", "2")
			s.pick("feed.order", "newest")
			s.press("#feed-form .actions button")
			s.See("Source saved")
			s.press(`a[href*="/feeds/feed_"]`)
			s.Until("the settings are kept", `document.querySelector("#feed-objects_at_once").value === "2" &&
				document.querySelector("#feed-order").value === "newest"`)
		})
}

// TestRejectedRowsAreFixed declares a column wrongly, corrects it, and loads the rejected
// rows again.
func TestRejectedRowsAreFixed(t *testing.T) {
	t.Parallel()
	atEach(t, []window{{mouse, browsertest.Desktop, "dark"}}, func(t *testing.T, r *rig, s *sitting) {
		r.Customer.Fill("harbour-exports", map[string]string{
			"sales/2026.csv": "region,day,units\nnorth,2026-01-01,120\nsouth,2026-01-01,many\nwest,2026-01-02,some\n",
		})
		role := r.Customer.CreateRole("windlass-reader")
		s.signIn(r)
		s.integrate(r, role)
		s.Open(r.URL + "/sources/data/new")
		s.enter("#pattern", "sales/*.csv")
		s.enter("#dataset", "SALES")
		browsertest.Evaluate[bool](
			s.Page,
			`[...document.querySelectorAll("details")].forEach(d => d.open = true), true`,
		)
		s.enter("#feed-columns", "from=units,type=integer")
		s.Until("the preview names a rejected row",
			`document.querySelector("#draft-preview").textContent.includes("Rejected: Line 3")`)
		s.press(`#source-form button[value="load"]`)
		s.Until("a load started", `location.pathname.startsWith("/loads/")`)
		s.See("Load rejected rows again")
		load := browsertest.Evaluate[string](s.Page, `location.pathname`)
		s.look("load-rejected")

		s.Open(r.URL + "/sources/data")
		s.press("main a.row-link")
		s.See("Loading settings")
		s.press(`a[href*="/feeds/feed_"]`)
		s.enter("#feed-columns", "from=units,type=string")
		s.press("#feed-form .actions button")
		s.See("Source saved")
		s.Open(r.URL + "/datasets/SALES/schema")
		s.See("Greatest")
		s.column("type", "units", "string")
		s.change("Change units to string")

		s.Open(r.URL + load)
		s.press(`form[action$="/reload"] button`)
		s.Until(
			"another load started",
			fmt.Sprintf(`location.pathname.startsWith("/loads/") && location.pathname !== %q`, load),
		)
		s.See("2 rows loaded")
		s.Open(r.URL + "/datasets/SALES")
		s.See("Rows 1 to 3 of 3")
		s.See("many")
	})
}

// pick chooses an option of a list.
func (s *sitting) pick(name, value string) {
	s.t.Helper()
	s.Until(
		"choosing "+value,
		fmt.Sprintf(`(list => { list.value = %q; list.dispatchEvent(new Event("change", {bubbles: true}));
		list.dispatchEvent(new Event("input", {bubbles: true})); return list.value === %[1]q })(
		document.querySelector('select[name=%[2]q]'))`, value, name),
	)
}

// column chooses a setting of a column in the schema.
func (s *sitting) column(setting, column, value string) {
	s.t.Helper()
	at := browsertest.Evaluate[string](s.Page, fmt.Sprintf(
		`[...document.querySelectorAll("input[name^=name-]")].find(i => i.value === %q).name.slice(4)`, column))
	s.pick(setting+at, value)
}

// change looks at what a change of the schema does, and applies it.
func (s *sitting) change(want string) {
	s.t.Helper()
	s.press(`button[value="dry"]`)
	s.Until("the dry run", `document.querySelector("#dry-run")`)
	s.See(want)
	s.press(`#dry-run button[value="apply"]`)
	s.Until("the change is done", `location.search.includes("done=schema-changed")`)
}
