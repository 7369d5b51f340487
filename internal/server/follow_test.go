package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestFollowUnderLoad follows a dataset and reads it with queryId while others write and
// delete: the changes must result in the existing rows, with each row once.
func TestFollowUnderLoad(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	s := o.changes(t, changesOf, o.token)
	s.next(t, "ready")
	replica, polled := map[string]float64{}, map[string]bool{}
	var mu sync.Mutex
	key := func(row map[string]any) string { return fmt.Sprint(row["sym"], row["venue"], row["day"]) }
	go func() {
		for e := range s.events {
			var data struct{ Rows, Keys []map[string]any }
			_ = json.Unmarshal([]byte(e.data), &data)
			if e.name == "reset" { // many commits crossed a deletion: read again, as every client does
				got := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?select=*&limit=1000", o.token, nil)
				_ = json.Unmarshal([]byte(got.text), &data.Rows)
			}
			mu.Lock()
			if e.name == "reset" {
				clear(replica)
			}
			for _, row := range data.Rows {
				replica[key(row)] = row["v"].(float64)
			}
			for _, k := range data.Keys {
				delete(replica, key(k))
			}
			mu.Unlock()
		}
	}()
	var writers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() { writeAndDelete(t, o, w) })
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	poll := func() int {
		var rows []map[string]any
		o.must(t, &rows, http.MethodGet, "/v1/data/main/ticks?queryId=u&limit=7", o.token, "")
		for _, row := range rows {
			if k := fmt.Sprint(key(row), row["v"]); polled[k] {
				t.Errorf("%s came twice", k)
			} else {
				polled[k] = true
			}
		}
		return len(rows)
	}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
			poll()
		}
	}
	for i := 0; i < 3; {
		if poll() == 0 {
			i++
		} else {
			i = 0
		}
	}
	var rows []map[string]any
	o.must(t, &rows, http.MethodGet, "/v1/data/main/ticks?select=*&limit=1000", o.token, "")
	for _, row := range rows {
		if k := fmt.Sprint(key(row), row["v"]); !polled[k] {
			t.Errorf("queryId lost %s", k)
		}
	}
	for range 60 {
		mu.Lock()
		n := len(replica)
		wrong := []string{}
		for _, row := range rows {
			if replica[key(row)] != row["v"].(float64) {
				wrong = append(wrong, key(row))
			}
		}
		mu.Unlock()
		if n == len(rows) && len(wrong) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	t.Errorf("the replica has %d rows, the dataset %d", len(replica), len(rows))
}

// writeAndDelete writes rows, of which some replace those of other writers, and deletes
// some.
func writeAndDelete(t *testing.T, o *outside, writer int) {
	t.Helper()
	for i := range 40 {
		rows := "[" + tick(fmt.Sprint("S", (i*7+writer)%23), 1, writer*1000+i) + "," +
			tick(fmt.Sprint("T", writer, "-", i), 1, i) + "]"
		got := o.call(t, http.MethodPost, "/v1/workspaces/main/datasets/ticks/rows?on_conflict=replace", o.token, rows)
		if got.status != http.StatusOK {
			t.Errorf("writing: %d %s", got.status, got.text)
		}
		if i%5 != 4 {
			continue
		}
		path := fmt.Sprintf("/v1/data/main/ticks/S%d", (i+writer)%23)
		if got := o.call(t, http.MethodDelete, path, o.token, ""); got.status != http.StatusOK {
			t.Errorf("deleting: %d %s", got.status, got.text)
		}
	}
}
