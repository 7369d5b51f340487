// The client of Windlass for browsers and Node. It has no dependencies.

const RETRIED = new Set([429, 502, 503]);
const RETRIES = 3;

/** An error that Windlass answered with, or that kept it from answering. */
export class WindlassError extends Error {
  constructor(status, document = {}, cause) {
    super(document.detail ?? document.title ?? `HTTP ${status}`, cause ? { cause } : undefined);
    this.name = "WindlassError";
    this.status = status;
    this.code = document.code ?? "";
    this.reason = document.reason ?? "";
    this.hint = document.hint ?? "";
    this.parameter = document.parameter ?? "";
    this.position = document.position ?? 0;
    this.requestId = document.request_id ?? "";
  }
}

/** A connection to one workspace. */
export class Windlass {
  constructor({ url, token, workspace, fetch = globalThis.fetch, numbers = "number" }) {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
    this.workspace = workspace;
    this.fetch = (...request) => fetch(...request);
    this.numbers = numbers;
  }

  /** Returns a dataset or view, all of whose rows are meant. */
  dataset(name) {
    return new Dataset(this, name);
  }

  /** Runs a SELECT and returns its rows. */
  async sql(text, parameters = {}, { limit, signal } = {}) {
    const path = `/v1/workspaces/${encodeURIComponent(this.workspace)}/query`;
    const body = JSON.stringify({ sql: text, parameters, limit });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const response = await this.request(path, { method: "POST", headers, body, signal }, true);
    return this.parse(await response.text());
  }

  /** Sends a request, again after a passing failure if that does no harm. */
  async request(path, options = {}, repeatable = !options.method || options.method === "GET") {
    const headers = { Authorization: `Bearer ${this.token}`, ...options.headers };
    for (let tries = 0; ; tries++) {
      let response;
      try {
        response = await this.fetch(this.url + path, { ...options, headers });
      } catch (cause) {
        if (options.signal?.aborted) throw cause;
        if (!repeatable || tries === RETRIES) throw new WindlassError(0, { detail: `Windlass can't be reached: ${cause.message}` }, cause);
        await pause(250 * 2 ** tries, options.signal);
        continue;
      }
      if (response.ok) return response;
      if (!repeatable || tries === RETRIES || !RETRIED.has(response.status)) {
        throw new WindlassError(response.status, await response.json().catch(() => ({})));
      }
      const after = Number(response.headers.get("Retry-After"));
      if (after > 60) throw new WindlassError(response.status, await response.json().catch(() => ({})));
      await response.body?.cancel();
      await pause(after > 0 ? after * 1000 : 250 * 2 ** tries, options.signal);
    }
  }

  parse(text) {
    if (this.numbers !== "bigint") return JSON.parse(text);
    // Integers that a double can't hold become bigint.
    return JSON.parse(text, (_, value, context) =>
      typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? BigInt(context.source) : value,
    );
  }
}

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

// A value in a list or in logic, in quotes where it needs them.
const quoted = (value) => {
  const text = String(value);
  return /[,()"]|^\s|\s$|^$/.test(text) ? `"${text.replace(/(["\\])/g, "\\$1")}"` : text;
};
const column = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replace(/(["\\])/g, "\\$1")}"`);
// A parameter's name wins over a column's, unless it is in quotes.
const parameter = (name) => `"${name.replace(/(["\\])/g, "\\$1")}"`;
// The text of JSON in which every bigint is a number with all its digits.
const json = (value) => {
  const mark = crypto.randomUUID();
  const text = JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${mark}${v}` : v));
  return text.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");
};
const SEPARATORS = [",", ";", "|", "~", "!", "^", ":", "/", "::", ";;", "||", "~~", "^;|~!"];
const list = (values) => `(${values.map(quoted).join(",")})`;

/** Conditions for `or` and `not`. */
export const where = {
  eq: (c, v) => ({ column: c, test: "eq", value: v }),
  neq: (c, v) => ({ column: c, test: "neq", value: v }),
  gt: (c, v) => ({ column: c, test: "gt", value: v }),
  gte: (c, v) => ({ column: c, test: "gte", value: v }),
  lt: (c, v) => ({ column: c, test: "lt", value: v }),
  lte: (c, v) => ({ column: c, test: "lte", value: v }),
  in: (c, v) => ({ column: c, test: "in", value: v }),
  like: (c, v) => ({ column: c, test: "like", value: v }),
  ilike: (c, v) => ({ column: c, test: "ilike", value: v }),
  isNull: (c) => ({ column: c, test: "is", value: "null" }),
  notNull: (c) => ({ column: c, test: "is", value: "not_null" }),
};
const inLogic = (f) => `${column(f.column)}.${f.test}.${f.test === "in" ? list(f.value) : quoted(f.value)}`;

/** A dataset or view, and which of its rows are meant. Each method returns another one. */
export class Dataset {
  #db;
  #name;
  #q;
  constructor(db, name, q = { keys: [], subkeys: [], pairs: [], order: [] }) {
    this.#db = db;
    this.#name = name;
    this.#q = q;
  }

  #with(change) {
    return new Dataset(this.#db, this.#name, { ...this.#q, ...change });
  }
  #set(name, value) {
    return this.#with({ pairs: [...this.#q.pairs.filter(([n]) => n !== name), [name, String(value)]] });
  }
  #add(name, value) {
    return this.#with({ pairs: [...this.#q.pairs, [name, value]] });
  }

  key(...keys) {
    return this.#with({ keys });
  }
  subkey(...subkeys) {
    return this.#with({ subkeys });
  }
  eq(c, v) {
    return this.#add(parameter(c), `eq.${v}`);
  }
  neq(c, v) {
    return this.#add(parameter(c), `neq.${v}`);
  }
  gt(c, v) {
    return this.#add(parameter(c), `gt.${v}`);
  }
  gte(c, v) {
    return this.#add(parameter(c), `gte.${v}`);
  }
  lt(c, v) {
    return this.#add(parameter(c), `lt.${v}`);
  }
  lte(c, v) {
    return this.#add(parameter(c), `lte.${v}`);
  }
  in(c, values) {
    return this.#add(parameter(c), `in.${list(values)}`);
  }
  like(c, pattern) {
    return this.#add(parameter(c), `like.${pattern}`);
  }
  ilike(c, pattern) {
    return this.#add(parameter(c), `ilike.${pattern}`);
  }
  isNull(c) {
    return this.#add(parameter(c), "is.null");
  }
  notNull(c) {
    return this.#add(parameter(c), "is.not_null");
  }
  or(...filters) {
    return this.#add("or", `(${filters.map(inLogic).join(",")})`);
  }
  not(filter) {
    return this.#add("not.and", `(${inLogic(filter)})`);
  }
  param(name, value) {
    return this.#set(`p.${name}`, value);
  }
  select(...columns) {
    return this.#set("select", columns.map(column).join(","));
  }
  order(c, direction = "asc", nulls) {
    const term = `${column(c)}.${direction}${nulls ? `.nulls${nulls}` : ""}`;
    return this.#with({ order: [...this.#q.order, term] });
  }
  limit(n) {
    return this.#set("limit", n);
  }
  last(n) {
    return this.#set("last", n);
  }
  range(window) {
    return this.#set("range", window);
  }

  #search(more = {}) {
    const search = new URLSearchParams(this.#q.pairs);
    if (this.#q.order.length > 0) search.set("order", this.#q.order.join(","));
    for (const [name, value] of Object.entries(more)) search.set(name, value);
    return search;
  }
  // Several keys are joined by a separator that none of them has.
  #path(search) {
    const { keys, subkeys } = this.#q;
    const separator = SEPARATORS.find((s) => ![...keys, ...subkeys].some((key) => String(key).includes(s)));
    if (!separator) throw new TypeError("These keys can't be read in one request: read them one by one.");
    if (separator !== ",") search.set("batchSeparator", separator);
    return this.#data([keys, subkeys].filter((names) => names.length > 0).map((names) => names.join(separator)), search);
  }
  #data(names, search) {
    const parts = ["", "v1", "data", this.#db.workspace, this.#name, ...names].map(encodeURIComponent);
    const text = search.toString();
    return parts.join("/") + (text ? `?${text}` : "");
  }
  #own(tail) {
    return `/v1/workspaces/${encodeURIComponent(this.#db.workspace)}/datasets/${encodeURIComponent(this.#name)}/${tail}`;
  }
  // A read without anything else would get the newest row alone.
  #whole() {
    const s = this.#search();
    for (const name of ["last", "range", "select"]) if (s.has(name)) return {};
    return { select: "*" };
  }

  /** Returns the address of the rows, without a token. */
  url() {
    return this.#db.url + this.#path(this.#search(this.#whole()));
  }

  /** Returns all rows, of every page. */
  async rows({ signal } = {}) {
    const rows = [];
    for await (const page of this.pages({ signal })) rows.push(...page.rows);
    return rows;
  }

  /** Returns the first row. */
  async one({ signal } = {}) {
    for await (const page of this.limit(1).pages({ signal })) return page.rows[0];
  }

  /** Returns how many rows there are. */
  async count({ signal } = {}) {
    const search = this.#search({ select: "n:count()" });
    for (const name of ["order", "limit"]) search.delete(name);
    const response = await this.#db.request(this.#path(search), { signal });
    return JSON.parse(await response.text())[0].n;
  }

  /** Returns totals: aggregate({station: "station", n: "count()", level: "level.avg()"}). */
  async aggregate(spec, { signal } = {}) {
    const select = Object.entries(spec).map(([name, what]) => `${column(name)}:${what}`).join(",");
    const response = await this.#db.request(this.#path(this.#search({ select })), { signal });
    return this.#db.parse(await response.text());
  }

  /** Reads page by page. With limit there is one page. */
  async *pages({ signal } = {}) {
    const limited = this.#search().has("limit") || this.#search().has("last");
    let more = this.#whole();
    for (;;) {
      const response = await this.#db.request(this.#path(this.#search(more)), { signal });
      const rows = this.#db.parse(await response.text());
      const next = response.headers.get("Windlass-Next-Cursor") ?? undefined;
      yield { rows, next, version: Number(response.headers.get("Windlass-Dataset-Version")) };
      if (!next || limited) return;
      more = { ...more, cursor: next };
    }
  }

  /** Reads one version of the dataset row by row, at any length. */
  async *stream({ signal } = {}) {
    const response = await this.#db.request(this.#path(this.#search({ format: "ndjson" })), { signal });
    for await (const line of lines(response.body)) if (line) yield this.#db.parse(line);
  }

  /** Follows the dataset's changes, and connects again when the connection breaks off. */
  async *changes({ cursor, signal } = {}) {
    for (let failures = 0; ; ) {
      try {
        const headers = { Accept: "text/event-stream", ...(cursor ? { "Last-Event-ID": cursor } : {}) };
        const search = this.#search().toString();
        const response = await this.#db.request(this.#own(`changes${search ? `?${search}` : ""}`), { headers, signal });
        let event = {};
        for await (const line of lines(response.body)) {
          const [, field, value] = /^(\w*): ?(.*)$/.exec(line) ?? [];
          if (field) event[field] = value;
          if (line !== "" || !event.event) continue;
          const change = { type: event.event, ...this.#db.parse(event.data), cursor: event.id };
          event = {};
          if (change.type === "end") {
            if (change.reason === "reconnect" || change.reason === "shutdown") break;
            yield change;
            return;
          }
          cursor = change.cursor;
          failures = 0;
          if (change.type !== "ready") yield change;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof WindlassError && error.status > 0 && !RETRIED.has(error.status)) throw error;
        if (++failures > 10) throw error;
      }
      await pause(Math.min(3000, 100 * 2 ** failures), signal).catch(() => {});
      if (signal?.aborted) return;
    }
  }

  /** Writes rows. */
  async insert(rows, { onConflict = "ignore", atomic = false, create = false, signal } = {}) {
    const search = new URLSearchParams({ on_conflict: onConflict, atomic, create });
    const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
    const body = json(rows);
    const response = await this.#db.request(this.#own(`rows?${search}`), { method: "POST", headers, body, signal }, true);
    return response.json();
  }

  /** Deletes the rows that are meant, and returns how many there were. */
  async delete({ all = false, dryRun = false, signal } = {}) {
    const { keys, subkeys } = this.#q;
    if (keys.length > 1 || subkeys.length > 1) {
      throw new TypeError("delete takes one key. For several, use in(column, values).");
    }
    const search = this.#search();
    if (all) search.set("all", "true");
    if (dryRun) search.set("dry_run", "true");
    const response = await this.#db.request(this.#data([...keys, ...subkeys], search), { method: "DELETE", signal });
    return (await response.json()).deleted;
  }

  /** Returns the columns. */
  async schema({ signal } = {}) {
    const response = await this.#db.request(this.#path(new URLSearchParams({ schema: "true" })), { signal });
    return response.json();
  }
}

async function* lines(body) {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const parts = rest.split("\n");
      rest = parts.pop();
      yield* parts;
      if (done) break;
    }
    if (rest) yield rest;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
