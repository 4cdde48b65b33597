import type { Server } from "node:net";

export interface Listening {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Makes a server listen on a free port of 127.0.0.1; `stop` closes its connections too. */
export async function listen(server: Server & { closeAllConnections?: () => void }): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections?.();
    await closed;
  };
  return { host: `127.0.0.1:${address.port}`, port: address.port, stop };
}
