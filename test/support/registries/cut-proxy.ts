import { connect, createServer, type Socket } from "node:net";
import { listen } from "./listen.js";

export interface Counts {
  readonly pieces: number;
  readonly writes: number;
}

export interface Moment {
  readonly of: keyof Counts;
  readonly at: number;
  readonly before: boolean;
}

const write = /^(?:PUT|DELETE) \/v2\/[^ ]+\/manifests\//;

/** Forwards bytes to a server and counts the chunks, so that something can happen at one of them. */
export interface CutProxy {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Chunks received since the last `arm`, in either direction; and how many of them began a request that changes tags or manifests. */
  readonly counts: () => Counts;
  /** Runs `action` once, at a chunk by its number; with `before` that chunk is dropped, else it is forwarded first. */
  arm(moment: Moment, action: () => void): void;
  disarm(): void;
  /** Closes all connections. */
  cut(): void;
  /** While down it accepts connections and closes them. */
  setDown(down: boolean): void;
  readonly stop: () => Promise<void>;
}

/** `target`: `host:port`. */
export async function startCutProxy(target: string): Promise<CutProxy> {
  const [host = "", port = ""] = target.split(":");
  const sockets = new Set<Socket>();
  let down = false;
  let counts = { pieces: 0, writes: 0 };
  let armed: (Moment & { readonly action: () => void }) | undefined;
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("data", (piece: Buffer) => {
      const isWrite = write.test(piece.toString("latin1", 0, 1000));
      counts = { pieces: counts.pieces + 1, writes: counts.writes + (isWrite ? 1 : 0) };
      const due = armed !== undefined && counts[armed.of] >= armed.at ? armed : undefined;
      if (due !== undefined) armed = undefined;
      if (due?.before === true) due.action();
      else if (!to.destroyed) {
        from.pause();
        to.write(piece, () => {
          from.resume();
          due?.action();
        });
      }
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((inward) => {
    if (down) {
      inward.resetAndDestroy();
      return;
    }
    const outward = connect(Number(port), host);
    forward(inward, outward);
    forward(outward, inward);
  });
  const listening = await listen(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: listening.host,
    counts: () => counts,
    arm: (moment, action) => {
      counts = { pieces: 0, writes: 0 };
      armed = { ...moment, action };
    },
    disarm: () => {
      armed = undefined;
    },
    cut,
    setDown: (now) => {
      down = now;
      if (down) cut();
    },
    stop: async () => {
      cut();
      await listening.stop();
    },
  };
}
