export interface Options {
  url: string;
  token: string;
  workspace: string;
  fetch?: typeof globalThis.fetch;
  /** bigint: integers that a double can't hold become bigint, where the engine shows their text. */
  numbers?: "number" | "bigint";
}
export type Row = Record<string, unknown>;
export interface Signal {
  signal?: AbortSignal;
}
export interface Filter<R = Row> {
  column: keyof R & string;
  test: string;
  value: unknown;
}
export interface Page<R> {
  rows: R[];
  next?: string;
  version: number;
}
export type Change<R> =
  | { type: "rows"; version: number; rows: R[]; cursor: string }
  | { type: "delete"; version: number; keys: Partial<R>[]; cursor: string }
  | { type: "reset"; version: number; reason: string; cursor: string }
  | { type: "end"; reason: string; cursor?: string };
export interface WriteResult {
  dataset: string;
  version: number;
  inserted: number;
  replaced: number;
  ignored: number;
  rejected: number;
  results: { row: number; status: "inserted" | "replaced" | "ignored" | "rejected"; column?: string; value?: string; reason?: string }[];
}
export interface Column {
  name: string;
  type: string;
  index?: "key" | "subkey" | "date";
  required: boolean;
  allow_null: boolean;
  description?: string;
}
export declare class WindlassError extends Error {
  status: number;
  code: string;
  reason: string;
  hint: string;
  parameter: string;
  position: number;
  requestId: string;
}
export declare const where: {
  [Test in "eq" | "neq" | "gt" | "gte" | "lt" | "lte"]: <R = Row>(column: keyof R & string, value: unknown) => Filter<R>;
} & {
  in<R = Row>(column: keyof R & string, values: unknown[]): Filter<R>;
  like<R = Row>(column: keyof R & string, pattern: string): Filter<R>;
  ilike<R = Row>(column: keyof R & string, pattern: string): Filter<R>;
  isNull<R = Row>(column: keyof R & string): Filter<R>;
  notNull<R = Row>(column: keyof R & string): Filter<R>;
};
export declare class Windlass {
  constructor(options: Options);
  dataset<R = Row>(name: string): Dataset<R>;
  sql<R = Row>(text: string, parameters?: Record<string, unknown>, options?: Signal & { limit?: number }): Promise<R[]>;
}
export declare class Dataset<R = Row> {
  key(...keys: (string | number)[]): Dataset<R>;
  subkey(...subkeys: (string | number)[]): Dataset<R>;
  eq(column: keyof R & string, value: unknown): Dataset<R>;
  neq(column: keyof R & string, value: unknown): Dataset<R>;
  gt(column: keyof R & string, value: unknown): Dataset<R>;
  gte(column: keyof R & string, value: unknown): Dataset<R>;
  lt(column: keyof R & string, value: unknown): Dataset<R>;
  lte(column: keyof R & string, value: unknown): Dataset<R>;
  in(column: keyof R & string, values: unknown[]): Dataset<R>;
  like(column: keyof R & string, pattern: string): Dataset<R>;
  ilike(column: keyof R & string, pattern: string): Dataset<R>;
  isNull(column: keyof R & string): Dataset<R>;
  notNull(column: keyof R & string): Dataset<R>;
  or(...filters: Filter<R>[]): Dataset<R>;
  not(filter: Filter<R>): Dataset<R>;
  param(name: string, value: unknown): Dataset<R>;
  select(...columns: (keyof R & string)[]): Dataset<R>;
  order(column: keyof R & string, direction?: "asc" | "desc", nulls?: "first" | "last"): Dataset<R>;
  limit(n: number): Dataset<R>;
  last(n: number): Dataset<R>;
  range(window: string): Dataset<R>;
  url(): string;
  rows(options?: Signal): Promise<R[]>;
  one(options?: Signal): Promise<R | undefined>;
  count(options?: Signal): Promise<number>;
  aggregate<A = Row>(spec: Record<string, string>, options?: Signal): Promise<A[]>;
  pages(options?: Signal): AsyncIterable<Page<R>>;
  stream(options?: Signal): AsyncIterable<R>;
  changes(options?: Signal & { cursor?: string }): AsyncIterable<Change<R>>;
  insert(
    rows: Partial<R>[],
    options?: Signal & { onConflict?: "ignore" | "replace" | "merge" | "fail"; atomic?: boolean; create?: boolean },
  ): Promise<WriteResult>;
  delete(options?: Signal & { all?: boolean; dryRun?: boolean }): Promise<number>;
  schema(options?: Signal): Promise<Column[]>;
}
