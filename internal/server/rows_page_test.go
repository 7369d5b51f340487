package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestRowsPageEdits inserts, edits and deletes rows in the console.
func TestRowsPageEdits(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	const one = "/datasets/STATIONS/rows/edit?name=eq.north"
	has := func(text string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("the page has no %s:\n%s", want, text)
			}
		}
	}
	for name, step := range map[string]struct {
		path   string
		form   url.Values
		status int
		wants  []string
	}{
		"a row that is wrong": {
			"/datasets/STATIONS/rows/new",
			url.Values{"v-0": {"east"}, "v-1": {"deep"}},
			422,
			[]string{"The row wasn’t saved.", `value="deep"`, `aria-invalid="true"`},
		},
		"a row that exists": {
			"/datasets/STATIONS/rows/new",
			url.Values{"v-0": {"north"}, "v-1": {"1"}},
			422,
			[]string{"The row wasn’t saved."},
		},
		"a row that somebody else changed": {
			one,
			url.Values{"v-1": {"9"}, "w-1": {"1"}},
			409,
			[]string{"Somebody changed this row meanwhile.", `value="9"`, `name="w-1" value="12"`},
		},
		"a row that doesn't exist": {
			"/datasets/STATIONS/rows/edit?name=eq.nowhere",
			url.Values{"v-1": {"9"}},
			404,
			[]string{"This row doesn&#39;t exist any more."},
		},
		"a deletion of another number of rows": {
			"/datasets/STATIONS/rows/delete?depth=gt.5",
			url.Values{"count": {"7"}},
			422,
			[]string{"The number of rows has changed.", "Delete 2 rows of STATIONS?"},
		},
	} {
		_, status, text := h.post(t, h.owner, step.path, step.form)
		if status != step.status {
			t.Errorf("%s: status %d, want %d", name, status, step.status)
		}
		for _, want := range step.wants {
			if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, "&#39;", "'")) {
				t.Errorf("%s: the page has no %s:\n%s", name, want, text)
			}
		}
	}

	_, _, text := h.post(t, h.owner, "/datasets/STATIONS/rows/new", url.Values{"v-0": {"east"}, "v-1": {"7"}})
	has(text, "Row inserted", "<td>east</td>", "of <strong>4</strong>")
	_, _, text = h.get(t, h.owner, one)
	has(text, `value="12"`, `<output class="row-fixed" id="v-0">north</output>`)
	edit := url.Values{"v-1": {"13.5"}, "w-1": {"12"}, "v-2": {""}, "n-2": {"1"}, "w-2": {`"old"`}}
	_, _, text = h.post(t, h.owner, one, edit)
	has(text, "Row saved", `13.5`, `data-kind="null"`, "of <strong>1</strong> matching")

	removal := "/datasets/STATIONS/rows/delete?depth=gt.5"
	_, _, text = h.get(t, h.owner, removal)
	has(text, "Delete 3 rows of STATIONS?", "This can’t be undone.")
	_, _, text = h.post(t, h.owner, removal, url.Values{"count": {"3"}})
	has(text, "Rows deleted", "of <strong>1</strong>", "<td>west</td>")
}

// TestRowsPageRoles doesn't offer viewers to change rows, and refuses it.
func TestRowsPageRoles(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.stations(t)
	viewer, _ := h.invite(t, "eve@example.com", "viewer")
	_, _, text := h.get(t, viewer, "/datasets/STATIONS?name=eq.north&row=1")
	for _, absent := range []string{"Insert row", "Edit row", "Delete"} {
		if strings.Contains(text, absent) {
			t.Errorf("a viewer is offered %s", absent)
		}
	}
	for _, path := range []string{"rows/new", "rows/edit?name=eq.north", "rows/delete?name=eq.north"} {
		path = "/datasets/STATIONS/" + path
		if _, status, _ := h.get(t, viewer, path); status != http.StatusForbidden {
			t.Errorf("a viewer opens %s: %d", path, status)
		}
		form := url.Values{"v-0": {"x"}, "v-1": {"1"}, "count": {"1"}}
		if _, status, _ := h.post(t, viewer, path, form); status != http.StatusForbidden {
			t.Errorf("a viewer sends %s: %d", path, status)
		}
	}
	if _, _, text = h.get(t, h.owner, "/datasets/STATIONS"); !strings.Contains(text, "of <strong>3</strong>") {
		t.Errorf("the rows have changed:\n%s", text)
	}
}

// stations creates a dataset of three rows with a unique index.
func (h *house) stations(t *testing.T) {
	t.Helper()
	status, text := h.call(t, http.MethodPost, "/v1/workspaces/main"+
		"/datasets/STATIONS/rows?create=true&key=name", h.command(t, h.owner),
		`[{"name":"north","depth":12.0,"note":"old"},{"name":"south","depth":8.5,"note":"x"},{"name":"west","depth":2.25,"note":"y"}]`)
	if status != http.StatusCreated {
		t.Fatalf("creating STATIONS: %d %s", status, text)
	}
}
