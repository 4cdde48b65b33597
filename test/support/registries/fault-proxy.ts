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

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What to do instead of forwarding a request. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Resets the connection before any response, or after this many bytes of the real response's body. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** Resets the connection after this many bytes of the request's body. */
  | { readonly kind: "reset-upload"; readonly afterBytes: number }
  /** Forwards after a delay, or never when the milliseconds are infinite. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The real response with its body changed; `length` is its Content-Length, if not the true one. */
  | { readonly kind: "change"; readonly change: (body: Buffer) => Buffer; readonly length?: (real: number) => number }
  /** The real response with its headers changed. */
  | { readonly kind: "headers"; readonly change: (headers: Headers) => Headers; readonly status?: number }
  /** These bytes instead of an HTTP response, then the end of the connection. */
  | { readonly kind: "raw"; readonly bytes: Buffer }
  /** The real response, one byte per this many milliseconds. */
  | { readonly kind: "drip"; readonly milliseconds: number };

export interface FaultProxyOptions {
  readonly onRequest?: (request: SeenRequest) => Fault | undefined;
  /** Changes the headers of every response. */
  readonly onAnswer?: (headers: Headers) => Headers;
}

export interface FaultProxy {
  /** `127.0.0.1:port`, to be used as the registry's host. */
  readonly host: string;
  readonly requests: SeenRequest[];
  /** Bodies of requests and responses so far, in bytes. */
  readonly bytes: { up: number; down: number };
  readonly stop: () => Promise<void>;
}

/** A reverse proxy in front of a server (`host:port`, plain HTTP) that records requests and injects the faults that `onRequest` returns. */
export async function startProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const requests: SeenRequest[] = [];
  const bytes = { up: 0, down: 0 };
  const server = createServer((request, response) => {
    const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, number: requests.length + 1 };
    requests.push(seen);
    const fault = options.onRequest?.(seen);
    const passOn = (): void => {
      pass({ target, request, response, fault, bytes, onAnswer: options.onAnswer ?? ((headers) => headers) });
    };
    if (fault?.kind === "status") {
      request.resume();
      response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? "");
    } else if (fault?.kind === "reset" && fault.afterBytes === undefined) {
      request.socket.resetAndDestroy();
    } else if (fault?.kind === "raw") {
      request.socket.end(fault.bytes);
    } else if (fault?.kind === "delay") {
      if (Number.isFinite(fault.milliseconds)) setTimeout(passOn, fault.milliseconds);
    } else {
      passOn();
    }
  });
  const listening = await listen(server);
  return { host: listening.host, requests, bytes, stop: listening.stop };
}

interface Passing {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: Fault | undefined;
  readonly bytes: FaultProxy["bytes"];
  readonly onAnswer: (headers: Headers) => Headers;
}

function pass({ target, request, response, fault, bytes, onAnswer }: Passing): void {
  const [host, port] = target.split(":");
  // The host as the client wrote it, so that the registry's absolute Locations lead back through this proxy.
  const outward = send({ host, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
    const headers = onAnswer(answer.headers);
    const status = answer.statusCode ?? 502;
    if (fault?.kind === "change") {
      void collect(answer).then((body) => {
        const changed = fault.change(body);
        bytes.down += changed.byteLength;
        const length = fault.length?.(changed.byteLength) ?? changed.byteLength;
        response.writeHead(status, { ...headers, "content-length": String(length) }).end(changed, () => {
          if (length > changed.byteLength) response.socket?.destroy();
        });
      });
      return;
    }
    if (fault?.kind === "headers") response.writeHead(fault.status ?? status, fault.change(headers));
    else response.writeHead(status, headers);
    if (fault?.kind === "drip") {
      void drip(answer, response, fault.milliseconds);
      return;
    }
    let passed = 0;
    let isCut = false;
    answer.on("data", (chunk: Buffer) => {
      const left = fault?.kind === "reset" && fault.afterBytes !== undefined ? fault.afterBytes - passed : Infinity;
      passed += chunk.byteLength;
      bytes.down += Math.min(chunk.byteLength, left);
      if (chunk.byteLength < left) {
        if (!response.write(chunk)) pauseUntilDrained(answer, response);
        return;
      }
      isCut = true;
      answer.pause();
      response.write(chunk.subarray(0, left), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
    });
    answer.on("end", () => {
      if (!isCut) response.end();
    });
    answer.on("error", () => response.destroy());
  });
  outward.on("error", () => response.destroy());
  response.on("close", () => outward.destroy());
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

async function drip(answer: IncomingMessage, response: ServerResponse, milliseconds: number): Promise<void> {
  const body = await collect(answer);
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
  response.end();
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
