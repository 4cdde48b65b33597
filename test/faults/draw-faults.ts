import type { Fault } from "../support/registries/fault-proxy.js";

/** The servers behind the proxy. */
export const places = ["registry", "tokens", "archive"] as const;
export type Place = (typeof places)[number];

export interface PlannedFault {
  readonly place: Place;
  /** The first request that it affects, counted from 1 at each server. */
  readonly from: number;
  /** How many requests it affects from there. */
  readonly count: number;
  readonly name: string;
  readonly fault: Fault;
}

export interface FaultPlan {
  /** Whether every fault is over when the request is retried. */
  readonly healable: boolean;
  readonly faults: readonly PlannedFault[];
}

type Random = () => number;
type Make = (random: Random, collector: string) => Fault;

const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

/** One of these, once, is over when the request is retried. */
const healable: Readonly<Record<string, Make>> = {
  "status that asks to retry later": (random) => ({
    kind: "status",
    status: pick(random, [429, 500, 502, 503, 504]),
    headers: random() < 0.5 ? { "retry-after": "0" } : {},
    body: pick(random, ["", "try later", '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}', "<html><title>Bad</title>"]),
  }),
  delay: (random) => ({ kind: "delay", milliseconds: between(random, 10, 400) }),
  "connection reset": () => ({ kind: "reset" }),
  "truncated response": (random) => ({ kind: "reset", afterBytes: between(random, 1, 300) }),
  "interrupted upload": (random) => ({ kind: "reset-upload", afterBytes: between(random, 1, 2000) }),
};

/** Not of the first challenge in an operation: that one names the token endpoint, wherever it is. */
export const anotherEndpoint = "a challenge that names another token endpoint";

/** These may last, lie, or point to another server. */
const hostile: Readonly<Record<string, Make>> = {
  ...healable,
  "a request to wait for a day": () => ({ kind: "status", status: 429, headers: { "retry-after": "86400" } }),
  refusal: (random) => ({ kind: "status", status: pick(random, [400, 401, 403, 404, 405, 409, 410, 418, 451]), body: '{"errors":[{}]}' }),
  "another kind of challenge": (random) => ({
    kind: "status",
    status: 401,
    headers: {
      "www-authenticate": pick(random, [
        "Negotiate",
        'Basic realm="again"',
        "Bearer",
        'Bearer realm="not a url"',
        `Bearer ${"a=b,".repeat(500)}`,
      ]),
    },
  }),
  [anotherEndpoint]: (_random, collector) => ({
    kind: "status",
    status: 401,
    headers: { "www-authenticate": `Bearer realm="http://${collector}/token",service="elsewhere"` },
  }),
  "redirect to itself": () => ({ kind: "status", status: 307, headers: { location: "" } }),
  "redirect to another server": (random, collector) => ({
    kind: "status",
    status: pick(random, [301, 302, 303, 307, 308]),
    headers: { location: `http://${collector}/elsewhere` },
  }),
  "redirect to an invalid URL": (random) => ({
    kind: "status",
    status: 307,
    headers: { location: pick(random, ["http://", "ftp://127.0.0.1/", "file:///etc/passwd", "http://[::1"]) },
  }),
  "location on another server": (_random, collector) => ({
    kind: "headers",
    change: (headers) => (headers["location"] === undefined ? headers : { ...headers, location: `http://${collector}/upload` }),
  }),
  "location on a closed port": () => ({
    kind: "headers",
    change: (headers) => (headers["location"] === undefined ? headers : { ...headers, location: "http://127.0.0.9:1/upload" }),
  }),
  "wrong digest header": () => ({
    kind: "headers",
    change: (headers) => ({ ...headers, "docker-content-digest": `sha256:${"0".repeat(64)}` }),
  }),
  "wrong media type": (random) => {
    const type = pick(random, ["text/html", "application/json", "", "a/b;c=d"]);
    return { kind: "headers", change: (headers) => ({ ...headers, "content-type": type }) };
  },
  "huge headers": () => ({ kind: "headers", change: (headers) => ({ ...headers, "x-huge": "h".repeat(100_000) }) }),
  "lying range": () => ({
    kind: "headers",
    status: 206,
    change: (headers) => ({ ...headers, "content-range": "bytes 5-9/10" }),
  }),
  "another status for the same response": (random) => ({
    kind: "headers",
    status: pick(random, [200, 201, 202, 204, 206, 304]),
    change: (headers) => headers,
  }),
  "flipped byte": (random) => {
    const at = random();
    return {
      kind: "change",
      change: (body) => {
        const copy = Buffer.from(body);
        const place = Math.floor(at * copy.length);
        if (copy.length > 0) copy[place] = copy[place]! ^ 0x41;
        return copy;
      },
    };
  },
  "short response with valid syntax": (random) => {
    const part = random();
    return { kind: "change", change: (body) => body.subarray(0, Math.floor(body.length * part)) };
  },
  "response with trailing bytes": () => ({ kind: "change", change: (body) => Buffer.concat([body, Buffer.from(" {}more")]) }),
  "length too long": (random) => {
    const more = between(random, 1, 1000);
    return { kind: "change", change: (body) => body, length: (real) => real + more };
  },
  "another document": (random) => {
    const text = pick(random, [
      "",
      "{}",
      "[]",
      "null",
      '{"token":null}',
      '{"schemaVersion":2,"manifests":[]}',
      "[".repeat(20_000),
      "<html>",
    ]);
    return { kind: "change", change: () => Buffer.from(text) };
  },
  "not HTTP": (random) => ({
    kind: "raw",
    bytes: pick(random, [
      Buffer.from("SSH-2.0-nothing\r\n"),
      Buffer.from([0x15, 3, 1, 0, 2, 2, 80]),
      Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"),
      Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
      Buffer.from("HTTP/1.1 200 OK\r\nlocation: \u0000\r\n\r\n"),
    ]),
  }),
  drip: (random) => ({ kind: "drip", milliseconds: pick(random, [1, 20, 400]) }),
  silence: () => ({ kind: "delay", milliseconds: Infinity }),
};

/**
 * The faults of one run, deterministic for the same random numbers. `requests`: how many each server received in a run without faults.
 * `collector`: `host:port` of a server that must never receive a credential.
 */
export function drawPlan(random: Random, requests: Readonly<Record<Place, number>>, collector: string): FaultPlan {
  const isHealable = random() < 0.5;
  const kinds = isHealable ? healable : hostile;
  const faults = Array.from({ length: isHealable ? 1 : between(random, 1, 3) }, (): PlannedFault => {
    const place = pick(random, places);
    const name = pick(random, Object.keys(kinds));
    const from = between(random, 1, Math.max(1, requests[place]));
    const count = isHealable ? 1 : pick(random, [1, 1, 2, 5, Infinity]);
    return { place, from, count, name, fault: kinds[name]!(random, collector) };
  });
  return { healable: isHealable, faults };
}

export function describePlan({ faults }: FaultPlan): string {
  return faults
    .map(({ place, from, count, name, fault }) => {
      const detail = "status" in fault ? ` ${String(fault.status)}` : "";
      return `${name}${detail} at request ${String(from)}${count === 1 ? "" : ` and ${String(count - 1)} more`} to the ${place}`;
    })
    .join(", ");
}
