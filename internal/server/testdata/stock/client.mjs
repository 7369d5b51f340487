// Calls every function of the platform's stock client, and reads the effects back.
// Arguments: the service's URL, a token, an access key ID and its secret, a role's ARN.
import assert from "node:assert/strict";
import iexjs from "@apperate/iexjs";

const [url, token, accessKeyId, secretAccessKey, arnrole] = process.argv.slice(2);
iexjs.overrideUrl({ url: `${url}/v1/` });
const client = new iexjs.Client({ api_token: token, version: "v1" }).apperate;
const ws = { workspace: "MAIN" };
const json = JSON.stringify;
const called = [];
const call = async (name, args) => {
  called.push(name);
  try {
    return await client[name]({ ...ws, ...args });
  } catch (error) {
    throw new Error(`${name}: ${error?.message ?? error}`);
  }
};
const ended = async (id) => {
  for (let tries = 0; tries < 200; tries++) {
    const job = await call("getDataJob", { type: "ingest", id });
    if (job.status === "INGESTED" || job.status === "ERROR") return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`job ${id} doesn't end`);
};

// Datasets.
const dataset = {
  datasetId: "QUOTES",
  title: "Quotes",
  schema: {
    type: "object",
    required: ["symbol"],
    properties: { symbol: { type: "string" }, day: { type: "string", format: "date" }, close: { type: "number" } },
  },
  columnMapping: { key: "symbol", date: "day" },
};
assert.equal((await call("registerDataset", { data: json({ dataset }) })).datasetId, "QUOTES");
assert.deepEqual((await call("listDatasets", { limit: 5 })).map((d) => d.datasetId), ["QUOTES"]);
assert.deepEqual((await call("queryDatasets", {})).map((d) => d.datasetId), ["QUOTES"]);
await call("patchDataset", { id: "quotes", data: json({ title: "Prices" }) });
assert.equal((await call("getDataset", { id: "quotes" })).title, "Prices");
await call("updateDataset", { id: "quotes", data: json({ dataset: { ...dataset, title: "Closes" } }) });
assert.equal((await call("getDataset", { id: "QUOTES" })).title, "Closes");

// Rows.
assert.equal((await call("write", { id: "QUOTES", data: [{ symbol: "AAPL", day: "2024-02-28", close: 1.5 }] })).success, true);
const csv = "symbol,day,close\nAAPL,2024-02-29,2.5\nMSFT,soon,1\n";
const sent = await call("loadData", { id: "quotes", data: csv });
assert.match(sent.jobId, /^[0-9a-f]{32}$/);
assert.equal((await ended(sent.jobId)).invalid, 1);
assert.equal((await call("getInvalidRecordsLog", { type: "ingest", id: sent.jobId })).invalid, 1);
assert.equal((await call("cancelIngestionJob", { id: sent.jobId })).status, "INGESTED");
assert.deepEqual(await call("queryData", { id: "QUOTES", key: "AAPL", last: 1 }), [{ symbol: "AAPL", day: "2024-02-29", close: 2.5 }]);
assert.deepEqual(await call("queryMeta", { id: "QUOTES" }), [{ key: "AAPL", records: 2 }]);
assert.equal((await call("deleteData", { id: "QUOTES", key: "AAPL" })).deleted, 2);
assert.equal((await call("queryDataJobs", { type: "ingest", last: 1 }))[0].jobId, sent.jobId);
await call("write", { id: "QUOTES", data: [{ symbol: "AAPL", day: "2024-03-01", close: 4 }] });
assert.equal((await call("queryData", { id: "quotes", queryId: "a", last: 5 })).length, 1);
assert.deepEqual(await call("queryData", { id: "quotes", queryId: "a" }), []);
await call("write", { id: "QUOTES", duplicateKeyHandling: true, data: [{ symbol: "AAPL", day: "2024-03-01", close: 5 }] });
const wrote = await call("queryData", { id: "quotes", queryId: "a" });
assert.ok(wrote.length === 0 || wrote[0].close === 5);
await call("patchDataset", { id: "quotes", data: json({ schema: { properties: { note: { type: "string" } } } }) });
assert.deepEqual(Object.keys((await call("getDataset", { id: "quotes" })).schema.properties), ["close", "day", "note", "symbol"]);
await call("updateDataset", { id: "quotes", data: json({ dataset }) });
assert.deepEqual(Object.keys((await call("getDataset", { id: "quotes" })).schema.properties), ["close", "day", "symbol"]);
for (const [args, want] of [
  [{ first: 1 }, 1],
  [{ limit: 3 }, 1],
  [{ from: "2024-03-02" }, 0],
  [{ on: "2024-03-01" }, 1],
  [{ range: "2024" }, 1],
  [{ subattribute: "symbol|AAPL", last: 3 }, 1],
  [{ subattribute: "symbol~AAPL", last: 3 }, 0],
  [{ dateField: "day", last: 3 }, 1],
  [{ sort: "ASC", limit: 2, offset: 1 }, 0],
]) {
  assert.equal((await call("queryData", { id: "QUOTES", ...args })).length, want, json(args));
}
await assert.rejects(() => call("queryData", { id: "QUOTES", range: "5x" }), /400 - .*range/);
await assert.rejects(() => call("queryData", { id: "NONE" }), /404/);
await call("renameDataset", { id: "QUOTES", newDatasetId: "CLOSES" });
assert.equal((await call("getDataset", { id: "closes" })).datasetId, "CLOSES");

// Sources.
const first = await call("configureS3ingegration", { arnrole });
assert.match(first.externalId, /^[0-9a-f]{32}$/);
assert.equal((await call("configureS3ingegration", { arnrole: `${arnrole}2` })).externalId, first.externalId);
const credential = { accessKeyId, secretAccessKey };
await call("createCredential", { data: json({ name: "KEY", type: "AWS-S3", credential }) });
await call("updateCredential", { id: "KEY", data: json({ name: "MINE", credential }) });
assert.deepEqual((await call("getCredential", {})).map((c) => c.name), ["MINE"]);
const source = { name: "SRC", type: "AWS-S3", credentialId: "MINE", source: { awsbucketName: "acme-data", fileKey: "in/a.csv" } };
await call("createDataSource", { data: json(source) });
await call("updateDataSource", { id: "src", data: json({ ...source, source: { awsbucketName: "acme-data", filePattern: "in/*" } }) });
assert.equal((await call("getDataSource", { id: "SRC" })).source.filePattern, "in/*");
assert.equal((await call("sampleDataSource", { id: "SRC" }))[0].symbol, "AAPL");
assert.equal((await call("generateSchemaFromDefinedDataSource", { id: "SRC" })).columnMapping.key, "symbol");
assert.equal((await call("generateSchemaFromRemoteDataSource", { data: json(source) })).columnMapping.key, "symbol");
const job = await call("createDataJob", { type: "ingest", data: json({ datasetId: "CLOSES", dataSourceId: "SRC" }) });
assert.equal((await ended(job.jobId)).status, "INGESTED");

// Schedules.
const schedule = { name: "NIGHTLY", dataSourceId: "SRC", datasetId: "CLOSES", cron: "0 0 * * 1-5" };
await call("createIngestionSchedule", { data: json(schedule) });
await call("updateIngestionSchedule", { id: "nightly", data: json({ state: "PAUSED" }) });
assert.equal((await call("getIngestionSchedule", { id: "NIGHTLY" })).state, "PAUSED");
assert.equal((await call("getIngestionHistory", {})).length, 1);
const run = await call("createIngestionHistory", { data: json({ ingestionScheduleId: "NIGHTLY" }) });
assert.equal((await ended(run.jobId)).status, "INGESTED");
assert.equal((await call("getIngestionHistory", {})).length, 2);
assert.ok((await call("fetchLogs", { period: "1h" })).length > 3);
// Webhooks.
const hook = { name: "OPS", url: "https://example.com/hook", events: ["load.failed"] };
assert.match((await call("createWebhook", { data: json(hook) })).secret, /^whsec_/);
await call("updateWebhook", { id: "ops", data: json({ state: "DISABLED" }) });
assert.equal((await call("getWebhook", { id: "OPS" })).state, "DISABLED");
await call("deleteWebhook", { id: "OPS" });

await call("deleteIngestionSchedule", { id: "NIGHTLY" });
await call("deleteDataSource", { id: "SRC" });
await call("deleteCredential", { id: "MINE" });
await call("deleteDataset", { id: "CLOSES" });
for (const [name, left] of [["getWebhook"], ["getIngestionSchedule"], ["getDataSource"], ["getCredential"], ["listDatasets"]]) {
  assert.deepEqual(await call(name, {}), left ?? []);
}
assert.match((await call("getSwagger", {})).openapi, /^3\.1/);
await assert.rejects(() => call("getDataset", { id: "CLOSES" }), /404/);
console.log(`called ${new Set(called).size} functions`);
