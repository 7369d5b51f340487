package server_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/server"
)

// twoWorkspaces runs a service with the workspaces main and other. It returns
// the service as the owner of other sees it, and the IDs of what main has.
func twoWorkspaces(t *testing.T) (o *outside, ids map[string]string) {
	t.Helper()
	owners := ownersOfTwo(t)
	return owners[1], furnish(t, owners[0])
}

// ownersOfTwo runs a service with the workspaces main and other, of which other is
// the home workspace. It returns the service as their owners see it.
func ownersOfTwo(t *testing.T) (owners [2]*outside) {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"main", "other"} {
		s := openWith(t, dir, map[string]string{"workspace": name}, server.Config{})
		start, err := s.Bootstrap(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(start.TokenFile)
		if err != nil {
			t.Fatal(err)
		}
		_, link, _ := strings.Cut(start.SignIn.Reveal(), "/sign-in/link/")
		owners[i] = &outside{token: strings.TrimSpace(string(text)), link: link}
		if i == 1 {
			owners[0].server, owners[1].server = s, s
			continue
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	address := run(t, owners[1].server)
	for _, owner := range owners {
		owner.url, owner.host = "http://"+address, address
	}
	return owners
}

// furnish creates one resource of each kind in main, and returns their IDs by the
// names of the parameters in paths.
func furnish(t *testing.T, o *outside) map[string]string {
	t.Helper()
	ids := map[string]string{}
	owner := o.session(t, o.signIn(t, o.link))
	for _, thing := range []struct{ parameter, path, body string }{
		{"dataset", "datasets", prices},
		{"view", "views", `{"name":"closes","sql":"select * from prices"}`},
		{"credential", "credentials", `{"name":"key","access_key_id":"AKIAIOSFODNN7EXAMPLE",` +
			`"secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}`},
		{"source", "sources", `{"name":"src","credential":"key","bucket":"acme-data","pattern":"a/*"}`},
		{"feed", "feeds", `{"source":"src","dataset":"prices"}`},
		{"schedule", "schedules", `{"name":"nightly","source":"src","dataset":"prices","cron":"@daily"}`},
		{"notification", "notifications", `{"name":"ops","kind":"webhook","url":"https://example.com/hook"}`},
		{"webhook", "notifications", `{"name":"night","kind":"webhook","url":"https://example.com/hook"}`},
		{"provider", "providers", `{"name":"lab","kind":"gitlab"}`},
		{"member", "members", `{"email":"bob@example.com","role":"viewer"}`},
		{"token", "tokens", `{"kind":"personal","name":"mine"}`},
	} {
		var made struct{ ID string }
		o.must(t, &made, http.MethodPost, "/v1/workspaces/main/"+thing.path, owner, thing.body)
		ids[thing.parameter] = made.ID
	}
	return ids
}

// unlike returns an unused ID.
func unlike(id string) string {
	last := "0"
	if strings.HasSuffix(id, "0") {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// TestAttackAnotherWorkspacesThings tries every operation on another
// workspace's resources, in its own workspace and in the other's: except for
// the requested name, each response must be the same as for a missing
// resource.
func TestAttackAnotherWorkspacesThings(t *testing.T) {
	t.Parallel()
	o, ids := twoWorkspaces(t)
	owner := o.session(t, o.signIn(t, o.link))
	tried := 0
	for id, op := range o.described(t) {
		if !strings.Contains(op.path, "{ws}") {
			continue
		}
		for _, name := range []string{"main", "other"} {
			fill := func(change func(string) string) string {
				return parameters.ReplaceAllStringFunc(op.path, func(p string) string {
					if p == "{ws}" {
						return name
					}
					return change(cmp.Or(ids[strings.Trim(p, "{}")], "nothing"))
				})
			}
			theirs := fill(func(id string) string { return id })
			nobodys := fill(func(id string) string {
				if id == "nothing" {
					return id
				}
				return unlike(id)
			})
			if name == "other" && theirs == nobodys {
				continue // it names no resource of main
			}
			body := bodyOf[id]
			got, want := o.call(t, op.method, theirs, owner, body), o.call(t, op.method, nobodys, owner, body)
			tried++
			if got.status < 300 || got.status >= 500 || got.status != want.status ||
				plain(got.text, ids) != plain(want.text, ids) {
				t.Errorf("%s %s: %d %s\nbut of what nobody has: %d %s", op.method, theirs, got.status, got.text,
					want.status, want.text)
			}
			if name == "main" && got.status != http.StatusNotFound {
				t.Errorf("%s %s: %d %s", op.method, theirs, got.status, got.text)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d tries", tried)
	}
}

// bodyOf has documents that operations accept.
var bodyOf = map[string]string{
	"update-member":       `{"role":"viewer"}`,
	"set-member-password": `{"password":"correct horse battery"}`,
	"update-token":        `{"name":"taken"}`,
	"update-dataset":      `{"name":"taken"}`,
	"change-schema":       `{"version":1,"operations":[{"op":"drop","name":"symbol"}]}`,
	"update-source":       `{"name":"taken"}`,
	"update-provider":     `{"name":"taken"}`,
	"update-feed":         `{"duplicates":"replace"}`,
	"create-view":         `{"name":"best","sql":"select 1 as one"}`,
	"update-view":         `{"title":"Best"}`,
	"start-load":          `{"source":"src","dataset":"prices"}`,
}

// plain returns a problem without the names that it repeats.
func plain(text string, ids map[string]string) string {
	for _, id := range ids {
		text = strings.NewReplacer(id, "ID", unlike(id), "ID").Replace(text)
	}
	var document map[string]any
	if json.Unmarshal([]byte(text), &document) != nil {
		return text
	}
	delete(document, "request_id")
	return fmt.Sprint(document)
}
