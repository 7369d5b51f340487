package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/sandboxtest"
)

// bucketed is a service, and a bucket with a file of quotes.
func bucketed(t *testing.T) (s *stock, aws *sandboxtest.Server) {
	t.Helper()
	aws = sandboxtest.Start(t)
	keys := aws.Customer.Keys
	aws.MustBucket(t, keys, "acme-data")
	aws.MustPut(
		t,
		keys,
		"acme-data",
		"in/a.csv",
		"symbol,day,close,volume\nAAPL,2024-02-28,1.5,7\nMSFT,2024-02-28,x,8\n",
	)
	s = &stock{listenTo(t, aws, map[string]string{}), "/v1"}
	same(t, "a credential", get[object](t, s, http.MethodPost, "/credentials/main", fmt.Sprintf(
		`{"name":"KEY","type":"AWS-S3","credential":{"accessKeyId":%q,"secretAccessKey":%q}}`, keys.AccessKeyID,
		keys.SecretAccessKey))["success"], `true`)
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	return s, aws
}

func TestPlatformSources(t *testing.T) {
	t.Parallel()
	s, _ := bucketed(t)
	listed := s.send(t, http.MethodGet, "/credentials/main", "")
	if !strings.Contains(listed.text, `"name":"KEY","type":"AWS-S3","credential":{"accessKeyId":"`) ||
		strings.Contains(strings.ToLower(listed.text), "secret") {
		t.Errorf("credentials are %s", listed.text)
	}
	get[object](t, s, http.MethodPut, "/credentials/main/key", `{"name":"MINE"}`)
	same(t, "renamed", get[object](t, s, http.MethodGet, "/credentials/main/mine", "")["name"], `"MINE"`)

	made := get[object](
		t,
		s,
		http.MethodPost,
		"/data-sources/main",
		`{"name":"SRC","type":"AWS-S3","credentialId":"mine",
		"source":{"awsbucketName":"acme-data","fileKey":"in/a.csv"}}`,
	)
	same(t, "a source", made["success"], `true`)
	source := get[object](t, s, http.MethodGet, "/data-sources/main/src", "")
	same(t, "its objects", source["source"], `{"awsbucketName":"acme-data","fileKey":"in/a.csv"}`)
	get[object](t, s, http.MethodPut, "/data-sources/main/SRC", `{"source":{"filePattern":"in/*.csv"}}`)
	source = get[object](t, s, http.MethodGet, "/data-sources/main/"+made["id"].(string), "")
	same(t, "its pattern", source["source"], `{"awsbucketName":"acme-data","filePattern":"in/*.csv"}`)

	sample := get[[]object](t, s, http.MethodGet, "/sample-data-source/main/SRC?credentialId=MINE", "")
	if len(sample) != 2 || sample[0]["symbol"] != "AAPL" {
		t.Errorf("the sample is %v", sample)
	}
	for _, schema := range []object{
		get[object](t, s, http.MethodGet, "/generate-schema/main/SRC", ""),
		get[object](t, s, http.MethodPost, "/generate-schema/main", `{"type":"AWS-S3","credentialId":"MINE",
			"source":{"awsbucketName":"acme-data","fileKey":"in/a.csv"}}`),
	} {
		same(t, "the index", schema["columnMapping"].(object)["key"], `"symbol"`)
		same(t, "the date", schema["schema"].(object)["properties"].(object)["day"].(object)["format"], `"date"`)
	}
	same(t, "sources", len(get[[]object](t, s, http.MethodGet, "/data-sources/main", "")), `1`)

	job := get[object](t, s, http.MethodPost, "/jobs/main/ingest", `{"datasetId":"QUOTES","dataSourceId":"src"}`)
	ended := endedJob(t, s, job["jobUrl"].(string)[len("/v1"):])
	same(t, "the job", []any{ended["status"], ended["ingested"], ended["invalid"], ended["sourceType"]},
		`["INGESTED",1,1,"AWS-S3"]`)
	log := s.send(t, http.MethodGet, job["jobUrl"].(string)[len("/v1"):]+"/invalid-records-log", "")
	if !strings.HasPrefix(log.text, "jobId,lineNumber,error\n"+job["jobId"].(string)+",3,") {
		t.Errorf("the log is %s", log.text)
	}
	same(t, "keys", get[[]object](t, s, http.MethodGet, "/meta/main/QUOTES", ""), `[{"key":"AAPL","records":1}]`)
	same(t, "datasets", get[[]object](t, s, http.MethodGet, "/meta/main", ""), `[{"id":"QUOTES","title":"Quotes"}]`)

	lines := get[[]object](t, s, http.MethodGet, "/logs/main?period=15m", "")
	text := fmt.Sprint(lines)
	for _, words := range []string{"has been created", "changed to VALIDATING", "changed to INGESTED"} {
		if !strings.Contains(text, words) {
			t.Errorf("the log has no %q: %s", words, text)
		}
	}
	for path, body := range map[string]string{
		"/data-sources/main": `{"type":"HTTP","source":{"url":"https://example.com/a.csv"}}`,
		"/credentials/main":  `{"type":"AWS-S3","credential":{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secret":"x"}}`,
	} {
		if got := s.send(t, http.MethodPost, path, body); got.status != 400 {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
	get[object](t, s, http.MethodDelete, "/data-sources/main/src", "")
	get[object](t, s, http.MethodDelete, "/credentials/main/mine", "")
	same(t, "no sources", get[[]object](t, s, http.MethodGet, "/data-sources/main", ""), `[]`)
	same(t, "no credentials", get[[]object](t, s, http.MethodGet, "/credentials/main", ""), `[]`)
}

func TestPlatformSchedules(t *testing.T) {
	t.Parallel()
	s, _ := bucketed(t)
	get[object](t, s, http.MethodPost, "/data-sources/main", `{"name":"SRC","credentialId":"KEY",
		"source":{"awsbucketName":"acme-data","filePattern":"in/*"}}`)
	get[object](t, s, http.MethodPost, "/ingestion-schedules/main",
		`{"name":"NIGHTLY","dataSourceId":"src","datasetId":"QUOTES","cron":"0 0 * * 1-5","state":"ENABLED"}`)
	made := get[object](t, s, http.MethodGet, "/ingestion-schedules/main/nightly", "")
	same(t, "the schedule", []any{made["cron"], made["state"], made["datasetId"]}, `["0 0 * * 1-5","ENABLED","QUOTES"]`)
	runs := get[[]object](t, s, http.MethodGet, "/ingestion-history/main", "")
	if len(runs) != 1 || runs[0]["state"] != "MANUAL" {
		t.Fatalf("without a start it runs at once: %v", runs)
	}
	same(t, "its job", endedJob(t, s, "/jobs/main/ingest/"+runs[0]["jobId"].(string))["ingested"], `1`)
	get[object](t, s, http.MethodPut, "/ingestion-schedules/main/NIGHTLY",
		`{"cron":"0 1 * * *","state":"PAUSED","dataSourceId":"SRC"}`)
	made = get[object](t, s, http.MethodGet, "/ingestion-schedules/main/"+made["id"].(string), "")
	same(t, "after a change", []any{made["cron"], made["state"]}, `["0 1 * * *","PAUSED"]`)
	get[object](t, s, http.MethodPut, "/ingestion-schedules/main/NIGHTLY", `{"state":"ENABLED"}`)
	same(t, "the list", get[[]object](t, s, http.MethodGet, "/ingestion-schedules/main", "")[0]["state"], `"ENABLED"`)
	again := get[object](t, s, http.MethodPost, "/ingestion-history/main", `{"ingestionScheduleId":"nightly"}`)
	same(
		t,
		"a run on request",
		endedJob(t, s, strings.TrimPrefix(again["jobUrl"].(string), "/v1"))["status"],
		`"INGESTED"`,
	)
	runs = get[[]object](t, s, http.MethodGet, "/ingestion-history/main/NIGHTLY?last=1", "")
	same(t, "the last run", runs[0]["jobId"] == again["jobId"], `true`)
	for _, body := range []string{`{}`, `{"ingestionScheduleId":"NIGHTLY","when":"now"}`, `[]`} {
		if got := s.send(t, http.MethodPost, "/ingestion-history/main", body); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
	get[object](t, s, http.MethodDelete, "/ingestion-schedules/main/NIGHTLY", "")
	same(t, "the end", get[[]object](t, s, http.MethodGet, "/ingestion-schedules/main", ""), `[]`)
}

func TestPlatformOnboarding(t *testing.T) {
	t.Parallel()
	s, _ := bucketed(t)
	const role = "arn:aws:iam::222222222222:role/reader"
	first := get[object](t, s, http.MethodGet, "/aws-onboarding/main?arnrole="+role, "")
	again := get[object](t, s, http.MethodGet, "/aws-onboarding/main?arnrole="+role, "")
	other := get[object](t, s, http.MethodGet, "/aws-onboarding/main/configure-aws-s3?arnrole="+role+"2", "")
	for _, got := range []object{again, other} {
		same(t, "the integration", []any{got["id"], got["externalId"]},
			fmt.Sprintf(`[%q,%q]`, first["id"], first["externalId"]))
	}
	same(t, "the other role", other["roleArn"], fmt.Sprintf("%q", role+"2"))
	if len(first["externalId"].(string)) != 32 {
		t.Errorf("External ID %v", first["externalId"])
	}
}

func TestPlatformWebhooks(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/stable"}
	made := get[object](t, s, http.MethodPost, "/webhooks/main", `{"name":"OPS","url":"https://example.com/ops"}`)
	if key, _ := made["secret"].(string); !strings.HasPrefix(key, "whsec_") || made["success"] != true {
		t.Fatalf("the new webhook is %v", made)
	}
	get[object](t, s, http.MethodPost, "/webhooks/main",
		`{"name":"später","url":"https://example.com/hook","events":["load.*"],"state":"DISABLED"}`)
	list := get[[]object](t, s, http.MethodGet, "/webhooks/MAIN", "")
	same(t, "the list", []any{list[0]["name"], list[0]["state"], list[1]["name"], list[1]["events"], list[1]["state"]},
		`["OPS","ENABLED","später",["load.*"],"DISABLED"]`)
	if strings.Contains(s.send(t, http.MethodGet, "/webhooks/main/ops", "").text, "whsec_") {
		t.Error("the secret comes back")
	}
	same(t, "the last one", len(get[[]object](t, s, http.MethodGet, "/webhooks/main?last=1", "")), `1`)
	get[object](t, s, http.MethodPut, "/webhooks/main/ops", `{"name":"NIGHT","events":["load.failed"]}`)
	found := get[object](t, s, http.MethodGet, "/webhooks/main/"+made["id"].(string), "")
	same(t, "after a change", []any{found["name"], found["url"], found["events"]},
		`["NIGHT","https://example.com/ops",["load.failed"]]`)
	for _, tc := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"POST", "/webhooks/main", `{"name":"X"}`, 400, "url"},
		{"POST", "/webhooks/main", `{"name":"X","url":"ftp://example.com"}`, 400, "url"},
		{"POST", "/webhooks/main", `{"name":"X","url":"https://example.com","events":["load.exploded"]}`, 400, "load.exploded"},
		{"POST", "/webhooks/main", `{"name":"X","url":"https://example.com","events":"load.failed"}`, 400, "events"},
		{"POST", "/webhooks/main", `{"name":"NIGHT","url":"https://example.com"}`, 409, "NIGHT"},
		{"POST", "/webhooks/main", `{"url":"https://example.com","colour":"red"}`, 400, "colour"},
		{"POST", "/webhooks/main", `{"url":"https://example.com","state":"ON"}`, 400, "ENABLED"},
		{"PUT", "/webhooks/main/gone", `{"name":"X"}`, 404, "gone"},
		{"GET", "/webhooks/main/gone", ``, 404, "gone"},
		{"GET", "/webhooks/main?page=1", ``, 400, "page"},
		{"DELETE", "/webhooks/main/gone", ``, 404, "gone"},
	} {
		if got := s.send(t, tc.method, tc.path, tc.body); got.status != tc.status ||
			!strings.Contains(got.text, tc.text) {
			t.Errorf("%s %s %s: %d %s", tc.method, tc.path, tc.body, got.status, got.text)
		}
	}
	get[object](t, s, http.MethodDelete, "/webhooks/main/night", "")
	get[object](t, s, http.MethodDelete, "/webhooks/main/SPÄTER", "")
	same(t, "the end", get[[]object](t, s, http.MethodGet, "/webhooks/main", ""), `[]`)
}
