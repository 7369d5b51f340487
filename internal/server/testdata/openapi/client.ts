// Uses the client that openapi-typescript and openapi-fetch make of the documents.
import createClient from "openapi-fetch";
import type { paths as Api } from "./api.js";
import type { paths as Dataset, components } from "./dataset.js";

declare const process: { argv: string[] };

const [, , baseUrl = "", token = ""] = process.argv;
const headers = { Authorization: `Bearer ${token}` };
const api = createClient<Api>({ baseUrl, headers });
const ticks = createClient<Dataset>({ baseUrl, headers });

function check(ok: boolean, what: string, got: unknown): void {
  if (!ok) throw new Error(`${what}: ${JSON.stringify(got)}`);
}

const path = { ws: "main", dataset: "ticks" };
const row = { sym: "TS", venue: "x", day: "2024-01-02", v: 5, px: 0.1 };
const written = await api.POST("/v1/workspaces/{ws}/datasets/{dataset}/rows", { params: { path }, body: [row] });
check(written.data?.inserted === 1, "written", written);

const one = await api.GET("/v1/workspaces/{ws}/datasets/{dataset}", { params: { path } });
check(one.data?.name === "ticks", "the dataset", one);

const read = await ticks.GET("/v1/data/main/ticks/{key}", { params: { path: { key: "TS" }, query: { v: "gte.5" } } });
const first: components["schemas"]["Row"] | undefined = Array.isArray(read.data) ? read.data[0] : undefined;
check(first?.px === 0.1 && first.v === 5 && first.note === null, "the rows", read);

const row2: components["schemas"]["NewRow"] = { sym: "TS", venue: "y", day: "2024-01-02", px: null };
const added = await ticks.POST("/v1/workspaces/main/datasets/ticks/rows", { body: [row2] });
check(added.data?.inserted === 1, "added", added);

const filtered = await api.GET("/v1/data/{ws}/{dataset}", {
  params: { path, query: { filters: { sym: "eq.TS", venue: "eq.y" }, select: "venue" } },
  querySerializer: { object: { style: "form", explode: true } },
});
check(JSON.stringify(filtered.data) === '[{"venue":"y"}]', "filtered", filtered);

const refused = await ticks.GET("/v1/data/main/ticks", { params: { query: { v: "near.5" } } });
check(refused.error?.reason === "unknown_operator", "the error", refused);

console.log("the TypeScript client works");
