import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { asError, DhiError } from "../../provider/errors.js";
import { formatListenAddress, type ListenAddress } from "./listen-address.js";

/** Milliseconds within which a request must be here whole. */
const REQUEST_TIMEOUT = 30_000;

export interface RunningServer {
  /** With the port that was taken. */
  readonly address: ListenAddress;
  /** Ends the connections too. */
  readonly stop: () => Promise<void>;
}

/** Throws `DhiError` "unavailable" when nobody can listen there. */
export async function startServer(app: Hono, address: ListenAddress): Promise<RunningServer> {
  const serverOptions = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (thrown) => {
      const why = asError(thrown).message;
      const hint = "Choose another address with --listen";
      reject(new DhiError("unavailable", `cannot listen on ${formatListenAddress(address)}: ${why}`, { hint, cause: thrown }));
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: address.host, port },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
