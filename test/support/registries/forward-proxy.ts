import { createServer, request as send } from "node:http";
import { connect } from "node:net";
import { listen } from "./listen.js";

export interface ForwardProxy {
  /** `http://…`, for HTTPS_PROXY and HTTP_PROXY. */
  readonly url: string;
  /** `CONNECT host:port`, or method and absolute URL. */
  readonly requests: string[];
  readonly stop: () => Promise<void>;
}

export interface ForwardProxyOptions {
  /** Where to connect instead, by the requested `host:port`: lets names refer to loopback servers. */
  readonly route?: (target: string) => string | undefined;
  /** Required `user:password`. */
  readonly login?: string;
}

/** A forward proxy for CONNECT and for absolute-form requests (RFC 9110 section 9.3.6, RFC 9112 section 3.2.2). */
export async function startForwardProxy(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const requests: string[] = [];
  const allowed = (header: string | undefined): boolean =>
    options.login === undefined || header === `Basic ${Buffer.from(options.login).toString("base64")}`;
  const route = (target: string): readonly [string, number] => {
    const [host = "", port = "80"] = (options.route?.(target) ?? target).split(":");
    return [host, Number(port)];
  };
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    if (!allowed(request.headers["proxy-authorization"])) {
      response.writeHead(407).end();
      return;
    }
    const url = new URL(request.url ?? "", "http://localhost");
    const [host, port] = route(`${url.hostname}:${url.port === "" ? "80" : url.port}`);
    const { "proxy-authorization": _, ...headers } = request.headers;
    const outward = send({ host, port, method: request.method, path: `${url.pathname}${url.search}`, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outward.on("error", () => response.destroy());
    request.pipe(outward);
  });
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connect", (request, socket, head) => {
    requests.push(`CONNECT ${request.url ?? ""}`);
    if (!allowed(request.headers["proxy-authorization"])) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host, port] = route(request.url ?? "");
    const outward = connect(port, host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      outward.write(head);
      outward.pipe(socket).pipe(outward);
    });
    sockets.add(socket).add(outward);
    outward.on("error", () => socket.destroy());
    socket.on("error", () => outward.destroy());
  });
  const listening = await listen(server);
  return {
    url: `http://${listening.host}`,
    requests,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await listening.stop();
    },
  };
}
