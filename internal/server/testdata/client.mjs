// Uses the JavaScript client against a service. Arguments: its URL, a token, the client's file.
import assert from "node:assert/strict";

const [url, token, file] = process.argv.slice(2);
const { Windlass, WindlassError, where } = await import(file);
const db = new Windlass({ url, token, workspace: "main" });
const ticks = db.dataset("ticks");
const row = (sym, day, v, note) => ({ sym, venue: "x", day: `2024-01-0${day}`, v, note });
const values = (rows) => rows.map((r) => r.v);

assert.equal((await ticks.insert([row("A", 1, 1, "red, hot"), row("A", 2, 2, 'a "b"'), row("B", 1, 3, null)])).inserted, 3);
assert.equal((await ticks.insert([row("B", 1, 30)], { onConflict: "merge" })).replaced, 1);
assert.deepEqual(values(await ticks.rows()), [1, 2, 30]);
assert.deepEqual(values(await ticks.key("A").rows()), [1, 2]);
assert.deepEqual(values(await ticks.key("A", "B").subkey("x").order("v", "desc").rows()), [30, 2, 1]);
assert.deepEqual(values(await ticks.gt("v", 1).lt("v", 30).rows()), [2]);
assert.deepEqual(values(await ticks.eq("note", "red, hot").rows()), [1]);
assert.deepEqual(values(await ticks.in("note", ["red, hot", 'a "b"']).rows()), [1, 2]);
assert.deepEqual(values(await ticks.or(where.eq("note", 'a "b"'), where.isNull("note")).rows()), [2, 30]);
assert.deepEqual(values(await ticks.not(where.in("v", [1, 2])).rows()), [30]);
assert.deepEqual(values(await ticks.isNull("note").rows()), [30]);
assert.deepEqual(values(await ticks.like("note", "red*").rows()), [1]);
assert.deepEqual(await ticks.select("v", "sym").last(1).rows(), [{ v: 2, sym: "A" }]);
assert.equal((await ticks.order("v", "desc").one()).v, 30);
assert.equal(await ticks.gt("v", 1).count(), 2);
assert.deepEqual(await ticks.aggregate({ sym: "sym", total: "v.sum()" }), [{ sym: "A", total: 3 }, { sym: "B", total: 30 }]);
assert.deepEqual((await ticks.schema()).filter((c) => c.index).map((c) => c.name).sort(), ["day", "sym", "venue"]);
const streamed = [];
for await (const r of ticks.stream()) streamed.push(r.v);
assert.deepEqual(streamed, [1, 2, 30]);
await ticks.insert(Array.from({ length: 1500 }, (_, i) => row(`S${String(i).padStart(4, "0")}`, 1, i)));
const pages = [];
for await (const page of ticks.gte("sym", "S").pages()) pages.push(page.rows.length);
assert.deepEqual(pages, [1000, 500]);
assert.equal((await ticks.gte("sym", "S").rows()).length, 1500);
assert.equal(await ticks.gte("sym", "S").delete({ dryRun: true }), 1500);
assert.equal(await ticks.gte("sym", "S").delete(), 1500);
assert.deepEqual(await db.sql("select max(v) as m from ticks where v < $most", { most: 30 }), [{ m: 2 }]);

const stop = new AbortController();
const seen = [];
const following = (async () => {
  for await (const change of ticks.changes({ signal: stop.signal })) {
    seen.push(change.type === "rows" ? values(change.rows) : change.keys.map((k) => k.sym));
    if (seen.length === 2) stop.abort();
  }
})();
await new Promise((resolve) => setTimeout(resolve, 1000));
await ticks.insert([row("C", 1, 7)]);
await new Promise((resolve) => setTimeout(resolve, 1200));
await ticks.key("C").delete();
await following;
assert.deepEqual(seen, [[7], ["C"]]);

await assert.rejects(() => ticks.eq("nope", 1).rows(), (e) => e instanceof WindlassError && e.status === 400 && e.reason === "unknown_column" && e.requestId !== "");
await assert.rejects(() => new Windlass({ url, token: "sk_x", workspace: "main" }).dataset("ticks").rows(), { status: 401 });
await assert.rejects(() => ticks.delete(), { reason: "filter_required" });
let tries = 0;
const flaky = (...request) => (++tries < 3 ? Promise.resolve(new Response("{}", { status: 503 })) : fetch(...request));
assert.equal((await new Windlass({ url, token, workspace: "main", fetch: flaky }).dataset("ticks").rows()).length, 3);
assert.match(ticks.eq("v", 1).url(), /\/v1\/data\/main\/ticks\?/);

// Keys with commas, several keys, and integers that a double can't hold.
await ticks.insert([row("x", 1, 1), row("y", 1, 2), row("x,y", 1, 3), { ...row("big", 1, 0), v: 9007199254740993n }]);
assert.deepEqual(values(await ticks.key("x", "y").rows()), [1, 2]);
assert.deepEqual(values(await ticks.key("x,y").rows()), [3]);
assert.deepEqual(values(await ticks.key("x,y", "x").order("v").rows()), [1, 3]);
await assert.rejects(() => ticks.key("x", "y").delete(), TypeError);
assert.equal(await ticks.key("x,y").delete(), 1);
assert.deepEqual(values(await ticks.key("x", "y").rows()), [1, 2]);
const exact = new Windlass({ url, token, workspace: "main", numbers: "bigint" }).dataset("ticks");
assert.match(await (await fetch(exact.key("big").url(), { headers: { Authorization: `Bearer ${token}` } })).text(), /"v":9007199254740993[,}]/);
const limited = { detail: "Limited.", code: "rate_limited", reason: "quota" };
const refused = () => Promise.resolve(new Response(JSON.stringify(limited), { status: 429, headers: { "Retry-After": "3600" } }));
await assert.rejects(() => new Windlass({ url, token, workspace: "main", fetch: refused }).dataset("ticks").rows(), { reason: "quota" });
console.log("the client works");
