import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "./listen.js";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** 1 for the first. */
  readonly number: number;
}

/** What to do instead of passing a request on. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection is reset before any answer, or after so many bytes of the real answer's body. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** The connection is reset after so many bytes of the request's body. */
  | { readonly kind: "reset-upload"; readonly afterBytes: number }
  /** Passed on after a while, or never when the milliseconds are infinite. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The real answer with its body changed. */
  | { readonly kind: "change"; readonly change: (body: Buffer) => Buffer };

export interface FaultProxyOptions {
  readonly onRequest?: (request: SeenRequest) => Fault | undefined;
}

export interface FaultProxy {
  /** `127.0.0.1:port`, to be used as the registry's host. */
  readonly host: string;
  readonly requests: SeenRequest[];
  /** Bodies of requests and answers so far, in bytes. */
  readonly bytes: { up: number; down: number };
  readonly stop: () => Promise<void>;
}

/** A reverse proxy before a registry (`host:port`, plain HTTP) that records requests and does to them what `onRequest` says. */
export async function startProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const requests: SeenRequest[] = [];
  const bytes = { up: 0, down: 0 };
  const server = createServer((request, response) => {
    const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, number: requests.length + 1 };
    requests.push(seen);
    const fault = options.onRequest?.(seen);
    if (fault?.kind === "status") {
      request.resume();
      response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? "");
    } else if (fault?.kind === "reset" && fault.afterBytes === undefined) {
      request.socket.resetAndDestroy();
    } else if (fault?.kind === "delay") {
      if (Number.isFinite(fault.milliseconds)) setTimeout(() => { pass(target, request, response, undefined, bytes); }, fault.milliseconds); // prettier-ignore
    } else {
      pass(target, request, response, fault, bytes);
    }
  });
  const listening = await listen(server);
  return { host: listening.host, requests, bytes, stop: listening.stop };
}

function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  bytes: FaultProxy["bytes"],
): void {
  const [host, port] = target.split(":");
  // The host as the client wrote it, so that the registry's absolute Locations lead back through here.
  const outward = send({ host, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
    if (fault?.kind === "change") {
      void collect(answer).then((body) => {
        const changed = fault.change(body);
        bytes.down += changed.byteLength;
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, "content-length": String(changed.byteLength) }).end(changed);
      });
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    let passed = 0;
    answer.on("data", (chunk: Buffer) => {
      const left = fault?.kind === "reset" && fault.afterBytes !== undefined ? fault.afterBytes - passed : Infinity;
      passed += chunk.byteLength;
      bytes.down += Math.min(chunk.byteLength, left);
      if (chunk.byteLength < left) {
        if (!response.write(chunk)) pauseUntilDrained(answer, response);
        return;
      }
      answer.pause();
      response.write(chunk.subarray(0, left), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    });
    answer.on("end", () => response.end());
    answer.on("error", () => response.destroy());
  });
  outward.on("error", () => response.destroy());
  let taken = 0;
  request.on("data", (chunk: Buffer) => {
    taken += chunk.byteLength;
    bytes.up += chunk.byteLength;
    if (fault?.kind === "reset-upload" && taken >= fault.afterBytes) {
      outward.destroy();
      request.socket.resetAndDestroy();
    } else if (!outward.write(chunk)) {
      request.pause();
      outward.once("drain", () => request.resume());
    }
  });
  request.on("end", () => outward.end());
  request.on("error", () => outward.destroy());
}

function pauseUntilDrained(answer: IncomingMessage, response: ServerResponse): void {
  answer.pause();
  response.once("drain", () => answer.resume());
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
