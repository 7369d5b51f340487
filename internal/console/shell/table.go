package shell

import "net/http"

// Table is the table of routes, to which each subject adds its own. Its patterns
// are those of [http.ServeMux].
type Table struct {
	shell *Shell
	mux   *http.ServeMux
}

// Page adds a page, or a form, for people who are signed in.
func (t *Table) Page(pattern string, handle Handler) {
	t.mux.HandleFunc(pattern, t.shell.signedIn(handle))
}

// Open adds a page for everybody.
func (t *Table) Open(pattern string, handle http.HandlerFunc) { t.mux.HandleFunc(pattern, handle) }

// Keep keeps the named fields of a form that is sent after the session has ended,
// until its sender has signed in again. Never name secrets. page is the path of
// the page with the form. If it is empty, it is the form's own path, and if it
// ends in a slash, the route's ID is appended.
func (t *Table) Keep(pattern, page string, fields ...string) {
	t.shell.kept[pattern] = keptForm{page, fields}
}
