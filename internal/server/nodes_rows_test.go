package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// nodes starts two nodes with one state and rows in PostgreSQL. Both accept the
// first token.
func nodes(t *testing.T) (a, b *outside) {
	t.Helper()
	return nodesWith(t, nil, server.Config{})
}

// nodesWith is nodes with more settings.
func nodesWith(t *testing.T, more map[string]string, config server.Config) (a, b *outside) {
	t.Helper()
	address := storetest.Address(t)
	flags := map[string]string{"database": address(), "rows": address(), "master_key": strings.Repeat("ab", 32)}
	maps.Copy(flags, more)
	a = listenWith(t, flags, config)
	second := openWith(t, t.TempDir(), flags, config)
	if _, err := second.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := run(t, second)
	return a, &outside{server: second, url: "http://" + at, host: at, token: a.token}
}

const day = `{"symbol":"%s","day":"2024-02-29","price":%d}`

// TestNodesShareRows loads on one node and reads on the other, whose response must
// have every row as soon as the load has ended.
func TestNodesShareRows(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	const column = `{"name":"%s","type":"%s","required":false,"allow_null":true}`
	columns := []string{
		fmt.Sprintf(column, "symbol", "string"), fmt.Sprintf(column, "day", "date"),
		fmt.Sprintf(column, "price", "integer"),
	}
	a.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", a.token, `{"name":"quotes",
		"columns":[`+strings.Join(columns, ",")+`],"index":{"key":"symbol","date":"day","unique":true}}`)
	for i := range 6 {
		writer, reader := a, b
		if i%2 == 1 {
			writer, reader = b, a
		}
		row := fmt.Sprintf(day, fmt.Sprint("S", i), i)
		writer.must(t, nil, http.MethodPost, "/v1/data/main/quotes?wait=true", a.token, row)
		got := reader.call(t, http.MethodGet, "/v1/data/main/quotes?last=100", a.token, "")
		if n := strings.Count(got.text, `"symbol"`); got.status != http.StatusOK || n != i+1 {
			t.Fatalf("after load %d the other node has %d rows: %d %s", i, n, got.status, got.text)
		}
		got = reader.call(t, http.MethodGet, fmt.Sprintf("/v1/data/main/quotes/S%d", i), a.token, "")
		if !strings.Contains(got.text, fmt.Sprint(`"price":`, i)) {
			t.Errorf("the row of load %d at the other node: %d %s", i, got.status, got.text)
		}
	}
	got := a.call(t, http.MethodGet, "/v1/data/main/quotes?price=gte.4&order=price.desc&limit=1", a.token, "")
	if got.status != http.StatusOK || !strings.Contains(got.text, "S5") || strings.Contains(got.text, "S4") {
		t.Errorf("a filtered and sorted page: %d %s", got.status, got.text)
	}
	got = a.call(t, http.MethodPost, "/v1/workspaces/main/query", a.token, `{"sql":"select 1 as one"}`)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "SQL isn't available") {
		t.Errorf("SQL: %d %s", got.status, got.text)
	}
	for _, o := range []*outside{a, b} {
		if status, text, _ := ready(t, o.server.Handler()); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
	}
}

// TestNodesWithOtherRows refuses a node whose rows are elsewhere.
func TestNodesWithOtherRows(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	database, key := address(), strings.Repeat("ab", 32)
	config := func(rows string) server.Config {
		return configOf(flagged(t, t.TempDir(), map[string]string{
			"database": database, "rows": rows, "master_key": key,
		}), server.Config{})
	}
	s, err := server.Open(t.Context(), config(address()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	refused(t, config("local"), "Another node serves this state", "PostgreSQL")
	refused(t, config(address()), "doesn't have the rows of this state")
}

// soon limits how long a revocation on one node may take to be effective on
// the others.
const soon = 2 * time.Second

// TestNodesRevoke revokes a token on one node, and checks that the other refuses it
// within two seconds, even if it has just accepted it.
func TestNodesRevoke(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	var minted struct{ ID, Token string }
	a.must(t, &minted, http.MethodPost, tokens, a.token, `{"kind":"secret","name":"t","scopes":[{"action":"manage"}]}`)
	use := map[string]func() bool{"token": func() bool { return b.takes(t, minted.Token) }}
	expectUse(t, use)
	got := a.call(t, http.MethodDelete, tokens+"/"+minted.ID+"?confirm=t", a.token, "")
	if got.status != http.StatusNoContent {
		t.Fatalf("revoking: %d %s", got.status, got.text)
	}
	expectEnd(t, use)
}

// TestNodesRemoveMember removes a member at one node: within two seconds the other
// refuses their session in the browser, that of a command, and all their tokens.
func TestNodesRemoveMember(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	owner := a.session(t, a.signIn(t, a.link))
	c := a.enlist(t, owner, access.Editor)
	use := map[string]func() bool{"browser": func() bool {
		return b.ask(t, c.browser, http.MethodGet, "/datasets", "", nil).status == http.StatusOK
	}}
	for name, token := range c.tokens {
		if b.takes(t, token) { // others have no scope for this request
			use[name] = func() bool { return b.takes(t, token) }
		}
	}
	if len(use) < 3 {
		t.Fatalf("the other node takes %d kinds of credentials", len(use))
	}
	expectUse(t, use)
	got := a.call(t, http.MethodDelete, "/v1/workspaces/main/members/"+c.id+"?confirm=editor@example.com", owner, "")
	if got.status != http.StatusNoContent {
		t.Fatalf("removing: %d %s", got.status, got.text)
	}
	expectEnd(t, use)
}

// takes reports whether a node accepts a token.
func (o *outside) takes(t *testing.T, token string) bool {
	t.Helper()
	return o.call(t, http.MethodGet, "/v1/workspaces/main/datasets", token, "").status == http.StatusOK
}

func expectUse(t *testing.T, use map[string]func() bool) {
	t.Helper()
	for name, works := range use {
		for range 2 { // to fill the node's cache
			if !works() {
				t.Fatalf("before: the other node refuses %s", name)
			}
		}
	}
}

// expectEnd waits until the other node refuses everything, for at most two seconds.
func expectEnd(t *testing.T, use map[string]func() bool) {
	t.Helper()
	end := time.Now().Add(soon)
	for name, works := range use {
		for {
			late := time.Now().After(end) // this request begins after the deadline
			if !works() {
				break
			}
			if late {
				t.Fatalf("the other node still takes %s", name)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
