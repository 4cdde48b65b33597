import type { Session } from "../../provider/pipeline/session.js";
import { stopAfter } from "../support/images/unpackers.js";
import { startCraneRegistry, startDockerRegistry, startProxy, type FaultProxy } from "../support/registries/index.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";

/** What a test of registries needs; all of it is stopped with the test. */
export interface Stage {
  readonly place: Workplace;
  readonly session: Session;
  /** A registry behind a proxy that counts requests; stopped when the test ends. */
  readonly registry: (program?: "docker-registry" | "registry" | "crane") => Promise<FaultProxy>;
}

export async function setUp(): Promise<Stage> {
  const stop = stopAfter();
  const place = await makeWorkplace();
  stop(place.remove);
  const start = async (program: "docker-registry" | "registry" | "crane"): Promise<string> => {
    const started = program === "crane" ? await startCraneRegistry() : await startDockerRegistry({ program });
    if (started === undefined) throw new Error(`${program} is not installed`);
    stop(started.stop);
    return started.host;
  };
  return {
    place,
    session: openSession(place),
    registry: async (program = "docker-registry") => {
      const proxy = await startProxy(await start(program));
      stop(proxy.stop);
      return proxy;
    },
  };
}
