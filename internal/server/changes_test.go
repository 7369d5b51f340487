package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sse is a stream of server-sent events that is being read.
type sse struct {
	events chan sseEvent
	cancel context.CancelFunc
}

type sseEvent struct{ id, name, data string }

// changes opens a stream of changes.
func (o *outside) changes(t *testing.T, path, token string, header ...string) *sse {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // by the reader
	if err != nil {
		t.Fatal(err)
	}
	if media := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK ||
		media != "text/event-stream" {
		t.Fatalf("%s: %d %s", path, response.StatusCode, media)
	}
	s := &sse{make(chan sseEvent, 100), cancel}
	go func() {
		defer response.Body.Close()
		defer close(s.events)
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		var e sseEvent
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					s.events <- e
				}
				e = sseEvent{}
			}
		}
	}()
	return s
}

// next returns the next event of a name.
func (s *sse) next(t *testing.T, name string) sseEvent {
	t.Helper()
	select {
	case e := <-s.events:
		if e.name != name {
			t.Fatalf("the event is %s %s, want %s", e.name, e.data, name)
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatalf("no event %s", name)
		return sseEvent{}
	}
}

// changed returns the values of v in an event rows, or the members sym of an event
// delete.
func changed(t *testing.T, e sseEvent) string {
	t.Helper()
	var data struct{ Rows, Keys []map[string]any }
	if err := json.Unmarshal([]byte(e.data), &data); err != nil {
		t.Fatalf("%v in %s", err, e.data)
	}
	var list []string
	for _, row := range data.Rows {
		list = append(list, fmt.Sprint(row["v"]))
	}
	for _, key := range data.Keys {
		list = append(list, fmt.Sprint(key["sym"], key["venue"], key["day"]))
	}
	return strings.Join(list, " ")
}

const changesOf = "/v1/workspaces/main/datasets/ticks/changes"

func tick(sym string, day, v int) string {
	return fmt.Sprintf(`{"sym":%q,"venue":"x","day":"2024-01-%02d","v":%d}`, sym, day, v)
}

// write writes rows, the later of equal ones wins.
func (o *outside) write(t *testing.T, rows ...string) {
	t.Helper()
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets/ticks/rows?on_conflict=replace", o.token,
		"["+strings.Join(rows, ",")+"]")
}

func TestChanges(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	testChanges(t, o, o)
}

// TestChangesOfAnotherNode follows the writes of one node at another, with rows in
// PostgreSQL.
func TestChangesOfAnotherNode(t *testing.T) {
	t.Parallel()
	a, b := nodes(t)
	testChanges(t, a, b)
}

// testChanges writes through one node and follows through another.
func testChanges(t *testing.T, o, follower *outside) {
	t.Helper()
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.write(t, tick("A", 1, 1))
	all := follower.changes(t, changesOf, o.token)
	some := follower.changes(t, changesOf+"?v=lt.10&select=v,sym", o.token)
	all.next(t, "ready")
	some.next(t, "ready")
	o.write(t, tick("B", 2, 2), tick("C", 3, 3))
	if got := changed(t, all.next(t, "rows")); got != "2 3" {
		t.Errorf("new rows: %s", got)
	}
	e := some.next(t, "rows")
	if got := changed(t, e); got != "2 3" || strings.Contains(e.data, "venue") {
		t.Errorf("selected rows: %s", e.data)
	}
	o.write(t, tick("B", 2, 20)) // no longer passes
	if got := changed(t, some.next(t, "delete")); got != "Bx2024-01-02" {
		t.Errorf("a row that no longer passes: %s", got)
	}
	seen := all.next(t, "rows")
	if got := changed(t, seen); got != "20" {
		t.Errorf("a replaced row: %s", got)
	}
	all.cancel()
	o.must(t, nil, http.MethodDelete, "/v1/data/main/ticks/C", o.token, "")
	o.write(t, tick("D", 4, 4))
	o.must(t, nil, http.MethodDelete, "/v1/data/main/ticks?v=eq.1", o.token, "")
	again := follower.changes(t, changesOf, o.token, "Last-Event-ID: "+seen.id)
	again.next(t, "ready")
	if got := changed(t, again.next(t, "delete")); got != "Cx2024-01-03" {
		t.Errorf("deleted while away: %s", got)
	}
	middle := again.next(t, "delete")
	if got := changed(t, middle); got != "Ax2024-01-01" {
		t.Errorf("deleted while away: %s", got)
	}
	if got := changed(t, again.next(t, "rows")); got != "4" {
		t.Errorf("written while away: %s", got)
	}
	var polled struct {
		Events []struct {
			Event  string
			Data   json.RawMessage
			Cursor string
		}
		Next string
	}
	follower.must(t, &polled, http.MethodGet, changesOf+"?cursor="+middle.id, o.token, "")
	if len(polled.Events) != 1 || polled.Events[0].Event != "rows" || polled.Events[0].Cursor == "" {
		t.Errorf("polled from the middle: %+v", polled)
	}
	go func() {
		time.Sleep(300 * time.Millisecond)
		o.write(t, tick("E", 5, 5))
	}()
	follower.must(t, &polled, http.MethodGet, changesOf+"?wait=30&cursor="+polled.Next, o.token, "")
	if len(polled.Events) != 1 || !strings.Contains(string(polled.Events[0].Data), `"v":5`) {
		t.Errorf("waited: %+v", polled)
	}
	if got := changed(t, again.next(t, "rows")); got != "5" {
		t.Errorf("the last row: %s", got)
	}
	o.must(t, nil, http.MethodDelete, "/v1/workspaces/main/datasets/ticks?confirm=ticks", o.token, "")
	if got := again.next(t, "end"); !strings.Contains(got.data, "dataset_deleted") {
		t.Errorf("deleted dataset: %s", got.data)
	}
}

func TestChangesInPages(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	now := o.changes(t, changesOf, o.token)
	first := now.next(t, "ready")
	var rows []string
	for i := range 1200 {
		rows = append(rows, tick(fmt.Sprintf("S%04d", i), 1, i))
	}
	o.write(t, rows...)
	one := now.next(t, "rows")
	two := now.next(t, "rows")
	if a, b, c := changed(t, one), changed(t, two), changed(t, now.next(t, "rows")); !strings.HasPrefix(a, "0 1 ") ||
		!strings.HasPrefix(b, "500 ") || !strings.HasPrefix(c, "1000 ") || !strings.HasSuffix(c, " 1199") {
		t.Errorf("%.20s, %.20s, %.20s", a, b, c)
	}
	o.write(t, tick("S0700", 1, -1)) // of the rows after the first event
	again := o.changes(t, changesOf+"?token="+o.token, "", "Last-Event-ID: "+one.id)
	again.next(t, "ready")
	got := changed(t, again.next(t, "rows")) + " " + changed(t, again.next(t, "rows")) + " " +
		changed(t, again.next(t, "rows"))
	if list := strings.Fields(got); len(list) != 700 || list[0] != "500" || list[699] != "-1" {
		t.Errorf("continued: %d rows, %.40s", len(list), got)
	}
	rows = rows[:0]
	for i := range 10_000 {
		rows = append(rows, tick(fmt.Sprintf("T%05d", i), 1, i))
	}
	o.write(t, rows...)
	o.write(t, tick("U", 1, 1))
	for i, from := range []string{first.id, two.id} {
		s := o.changes(t, changesOf, o.token, "Last-Event-ID: "+from)
		s.next(t, "ready")
		if e := s.next(t, "reset"); !strings.Contains(e.data, "too_many") {
			t.Errorf("after many rows: %s", e.data)
		}
		o.write(t, tick("V", 1, i))
		if got := changed(t, s.next(t, "rows")); got != fmt.Sprint(i) {
			t.Errorf("after reset %d: %s", i, got)
		}
	}
}

func TestChangesRefused(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/views", o.token, `{"name":"top","sql":"select v from ticks"}`)
	var made struct{ ID, Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"name":"reader","kind":"publishable","scopes":[{"action":"data.read","dataset":"ticks"}]}`)
	s := o.changes(t, changesOf+"?token="+made.Token, "")
	cursor := s.next(t, "ready").id
	changedByte := "A" + cursor[1:]
	if cursor[0] == 'A' {
		changedByte = "B" + cursor[1:]
	}
	for _, c := range []struct{ path, token, want string }{
		{changesOf + "?cursor=" + cursor, o.token, "400 invalid_cursor"}, // of another token
		{changesOf + "?cursor=" + cursor + "&v=gt.1", made.Token, "400 invalid_cursor"},
		{changesOf + "?cursor=" + changedByte, made.Token, "400 invalid_cursor"},
		{changesOf + "?cursor=x", o.token, "400 invalid_cursor"},
		{changesOf + "?wait=61", o.token, "400 invalid_value"},
		{changesOf + "?wait=x", o.token, "400 invalid_value"},
		{changesOf + "?last=1", o.token, "400 unknown_parameter"},
		{changesOf + "?order=v", o.token, "400 unknown_parameter"},
		{changesOf + "?lst=1", o.token, "400 unknown_parameter"},
		{changesOf + "?select=count()", o.token, "400 conflicting_parameters"},
		{changesOf + "?nope=eq.1", o.token, "400 unknown_column"},
		{"/v1/workspaces/main/datasets/none/changes", o.token, "404 "},
		{"/v1/workspaces/main/datasets/top/changes", o.token, "409 view"},
		{changesOf, "", "401 token_missing"},
	} {
		got := o.ask(t, nil, http.MethodGet, c.path, c.token, nil)
		if is := valuesOf(t, answer{got.status, got.header, got.text}); is != c.want {
			t.Errorf("%s: %s, want %s: %.200s", c.path, is, c.want, got.text)
		}
	}
	o.must(t, nil, http.MethodDelete, "/v1/workspaces/main/tokens/"+made.ID+"?confirm=reader", o.token, "")
	if e := s.next(t, "end"); !strings.Contains(e.data, "token_revoked") {
		t.Errorf("a revoked token: %s", e.data)
	}
}

// TestChangesOfLargeRows follows rows that don't fit into one read.
func TestChangesOfLargeRows(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	s := o.changes(t, changesOf, o.token)
	first := s.next(t, "ready")
	note := strings.Repeat("x", 60<<10)
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf(`{"sym":"S%03d","venue":"x","day":"2024-01-01","v":%d,"note":%q}`, i, i, note))
	}
	o.write(t, rows...)
	var got []string
	for len(got) < len(rows) {
		got = append(got, strings.Fields(changed(t, s.next(t, "rows")))...)
	}
	o.must(t, nil, http.MethodDelete, "/v1/data/main/ticks/S000", o.token, "")
	s.next(t, "delete")
	for i, v := range got {
		if v != fmt.Sprint(i) {
			t.Fatalf("row %d is %s", i, v)
		}
	}
	seen, cursor := 0, first.id
	for range 10 {
		var page struct {
			Events []struct {
				Event string
				Data  struct{ Rows []json.RawMessage }
			}
			Next string
		}
		o.must(t, &page, http.MethodGet, changesOf+"?cursor="+cursor, o.token, "")
		for _, e := range page.Events {
			seen += len(e.Data.Rows)
		}
		if cursor = page.Next; len(page.Events) == 0 {
			break
		}
	}
	if seen != 199 {
		t.Errorf("the lists have %d rows, want 199", seen)
	}
}

// TestChangesPolledByRevokedToken checks that requests that wait for changes don't
// block others, and get no writes from after the revocation of their token.
func TestChangesPolledByRevokedToken(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{"workspace_concurrency": "2"})
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	var made struct{ ID, Token string }
	o.must(t, &made, http.MethodPost, tokens, o.token,
		`{"name":"reader","kind":"secret","scopes":[{"action":"data.read","dataset":"ticks"}]}`)
	polled := make(chan answer, 2)
	for range cap(polled) {
		go func() {
			got := o.ask(t, nil, http.MethodGet, changesOf+"?wait=60", made.Token, nil)
			polled <- answer{got.status, got.header, got.text}
		}()
	}
	time.Sleep(500 * time.Millisecond)
	for range 20 {
		got := o.call(t, http.MethodDelete, tokens+"/"+made.ID+"?confirm=reader", o.token, "")
		if got.status == http.StatusNoContent {
			break
		}
		if got.status != http.StatusTooManyRequests {
			t.Fatalf("revoking: %d %s", got.status, got.text)
		}
		time.Sleep(time.Second)
	}
	o.write(t, tick("A", 1, 1))
	for range cap(polled) {
		if got := <-polled; got.status != http.StatusUnauthorized {
			t.Errorf("polled with a revoked token: %d %s", got.status, got.text)
		}
	}
}
