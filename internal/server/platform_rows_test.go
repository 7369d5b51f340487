package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// endedJob polls a job until it has ended.
func endedJob(t *testing.T, s *stock, path string) object {
	t.Helper()
	for range 100 {
		job := get[object](t, s, http.MethodGet, path, "")
		if job["status"] == "INGESTED" || job["status"] == "ERROR" {
			return job
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s doesn't end", path)
	return nil
}

func TestPlatformUploads(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/v1"}
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	const csv = "symbol,day,close,volume\nAAPL,2024-02-28,1.5,7\nMSFT,soon,2.5,8\nAAPL,2024-02-29,1.75,9\n"
	sent := get[object](t, s, http.MethodPost, "/data/MAIN/quotes", csv)
	jobID, _ := sent["jobId"].(string)
	same(t, "the answer", []any{sent["success"], sent["rows"], sent["rejected"], sent["duplicates"]}, `[true,2,1,0]`)
	if len(jobID) != 32 || sent["jobUrl"] != "/v1/jobs/MAIN/ingest/"+jobID ||
		sent["message"] != "Data upload of 85B for QUOTES completed, jobId: "+jobID+" has been created" {
		t.Errorf("the answer is %v", sent)
	}
	job := get[object](t, s, http.MethodGet, "/jobs/main/ingest/"+strings.ToUpper(jobID), "")
	same(t, "the job", []any{
		job["status"], job["lastGoodStatus"], job["ingested"], job["invalid"], job["datasetId"], job["progress"],
		job["sourceType"],
	}, `["INGESTED","INGESTED",2,1,"QUOTES",100,"upload"]`)
	log := s.send(t, http.MethodGet, "/jobs/main/ingest/"+jobID+"/invalid-records-log", "")
	if !strings.HasPrefix(log.text, "jobId,lineNumber,error\n"+jobID+",3,") || strings.Count(log.text, "\n") != 2 {
		t.Errorf("the log of invalid records is %s", log.text)
	}
	same(t, "a job without its type", get[object](t, s, http.MethodGet, "/jobs/main/"+jobID, "")["status"],
		`"INGESTED"`)

	get[object](t, s, http.MethodPost, "/data/main/quotes?duplicateKeyHandling=true",
		`[{"symbol":"AAPL","day":"2024-02-29","close":3}]`)
	rows := get[[]object](t, s, http.MethodGet, "/data/main/quotes/aapl?last=5", "")
	if len(rows) != 0 {
		t.Errorf("keys count with their case, and there are %v", rows)
	}
	rows = get[[]object](t, s, http.MethodGet, "/data/main/quotes/AAPL?last=5", "")
	same(t, "rows", rows, `[{"symbol":"AAPL","day":"2024-02-29","close":3,"volume":null},
		{"symbol":"AAPL","day":"2024-02-28","close":1.5,"volume":7}]`)

	later := get[object](t, s, http.MethodPost, "/data/main/FRESH?wait=false",
		`{"a":"x","b":1}`+"\n"+`{"a":"y","b":2}`)
	same(t, "an answer before the load", []any{later["rows"], later["success"]}, `[0,true]`)
	same(t, "its job", endedJob(t, s, later["jobUrl"].(string)[len("/v1"):])["ingested"], `2`)
	same(t, "a created dataset", len(get[[]object](t, s, http.MethodGet, "/data/main/FRESH?last=9", "")), `2`)

	bad := s.send(t, http.MethodPost, "/data/main/quotes?maximumValidationErrors=0", csv)
	if bad.status != 400 || !strings.Contains(bad.text, "jobId") {
		t.Errorf("too many invalid rows: %d %s", bad.status, bad.text)
	}
	jobs := get[[]object](t, s, http.MethodGet, "/jobs/main/ingest/query?sort=desc&", "")
	if len(jobs) != 4 || jobs[0]["status"] != "ERROR" || jobs[3]["jobId"] != jobID {
		t.Errorf("the jobs are %v", jobs)
	}
	same(t, "the last job", len(get[[]object](t, s, http.MethodGet, "/jobs/main/INGEST?last=1", "")), `1`)
	for path, status := range map[string]int{
		"/data/main/nothing?create=false": 404, "/data/main/_systemX": 400, "/data/main/quotes?lst=1": 400,
		"/data/main/quotes": 400,
	} {
		if got := s.send(t, http.MethodPost, path, ""); got.status != status {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
	if got := s.send(t, http.MethodPost, "/jobs/main/ingest/"+jobID+"/cancel", ""); got.status != http.StatusConflict {
		t.Errorf("cancelling what has ended: %d %s", got.status, got.text)
	}
	missing := strings.Repeat("0", 32)
	for path, method := range map[string]string{
		"": http.MethodGet, "/cancel": http.MethodPost, "/invalid-records-log": http.MethodGet,
	} {
		got := s.send(t, method, "/jobs/main/ingest/"+missing+path, "")
		if got.status != http.StatusNotFound || !strings.Contains(got.text, "There is no job "+missing+".") {
			t.Errorf("a job that doesn't exist%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestPlatformWrites(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/v1"}
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	same(t, "the answer", get[object](t, s, http.MethodPost, "/record/main/QUOTES?event=true&persist=true&wait=true",
		`[{"symbol":"AAPL","day":"2024-02-28","close":9007199254740993}]`),
		`{"success":true,"message":"wrote 1 messages"}`)
	same(t, "one object", get[object](t, s, http.MethodPost, "/write/main/quotes",
		`{"symbol":"AAPL","day":"2024-02-29","close":1}`), `{"success":true,"message":"wrote 1 messages"}`)
	same(t, "a duplicate", get[object](t, s, http.MethodPost, "/record/main/quotes",
		`{"symbol":"AAPL","day":"2024-02-29","close":2}`)["message"], `"wrote 0 messages"`)
	same(t, "a replacement", get[object](t, s, http.MethodPost, "/record/main/quotes?duplicateKeyHandling=replace",
		`{"symbol":"AAPL","day":"2024-02-29","close":2}`)["message"], `"wrote 1 messages"`)
	same(t, "on demand", get[object](t, s, http.MethodPost, "/record/main/EVENTS",
		`[{"kind":"a","n":1},{"kind":"b","n":2}]`),
		`{"success":true,"message":"wrote 2 messages"}`)
	same(t, "its rows", get[[]object](t, s, http.MethodGet, "/data/main/events?limit=9&sort=asc", ""),
		`[{"kind":"a","n":1},{"kind":"b","n":2}]`)
	mixed := s.send(t, http.MethodPost, "/record/main/quotes", `[
		{"symbol":"MSFT","day":"2024-02-28","nope":1},
		{"symbol":"MSFT","day":"2024-02-28","close":1},
		{"symbol":"MSFT","day":"soon","close":1}, 5]`, "Accept: application/json")
	if mixed.status != 400 || !strings.Contains(mixed.text, `"path":"[0].nope"`) ||
		!strings.Contains(mixed.text, `"path":"[2].day"`) || !strings.Contains(mixed.text, `"path":"[3]"`) {
		t.Errorf("rejected rows: %d %s", mixed.status, mixed.text)
	}
	same(t, "the others", len(get[[]object](t, s, http.MethodGet, "/data/main/quotes/MSFT?last=9", "")), `1`)
	same(t, "no jobs", get[[]object](t, s, http.MethodGet, "/jobs/main/ingest", ""), `[]`)
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/record/main/missing?createDatasetOnDemand=false", `[{"a":1}]`, 404},
		{"/record/main/quotes", `a,b`, 400},
		{"/record/main/quotes?lst=1", `[]`, 400},
		{"/record/main/_systemX", `[{"a":1}]`, 400},
	} {
		if got := s.send(t, http.MethodPost, c.path, c.body); got.status != c.status {
			t.Errorf("%s: %d %s", c.path, got.status, got.text)
		}
	}
	same(t, "deleting", get[object](t, s, http.MethodDelete, "/data/main/quotes/AAPL?from=2024-02-29", "")["deleted"],
		`1`)
}
