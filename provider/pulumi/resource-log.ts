import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type * as EngineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type * as Engine from "@pulumi/pulumi/proto/engine_pb.js";
import type { ResourceLog } from "../pipeline/session.js";

type Severity = Parameters<ResourceLog["line"]>[0];

/** Where log lines of a resource go. */
export interface ResourceLogs {
  /** The row of a resource; without a URN nothing is shown. `shown` filters every text before it is sent. */
  open(urn: string | undefined, shown: (text: string) => string): ResourceLog;
  /** Waits until all lines have been delivered. */
  flush(): Promise<void>;
}

const millisecondsBetweenProgress = 250;

/**
 * Log lines on the resource's own row, through the engine's log service, whose address is the first argument of a provider process.
 * Console output of a provider would appear under the stack. A line that cannot be delivered is dropped.
 */
export function openResourceLogs(address: string | undefined): ResourceLogs {
  if (address === undefined || !/:[0-9]+$/.test(address)) return { open: () => silentLog, flush: () => Promise.resolve() };
  const send = connect(address);
  const pending = new Set<Promise<void>>();
  const say = (severity: Severity, message: string, urn: string, ephemeral: boolean): void => {
    const sent = send(severity, message, urn, ephemeral);
    pending.add(sent);
    void sent.then(() => pending.delete(sent));
  };
  return {
    open(urn, shown) {
      if (urn === undefined) return silentLog;
      let last = 0;
      return {
        line: (severity, message) => {
          say(severity, shown(message), urn, false);
        },
        progress: (message) => {
          const now = Date.now();
          if (now - last < millisecondsBetweenProgress) return;
          last = now;
          say("info", shown(message), urn, true);
        },
      };
    },
    flush: async () => {
      await Promise.all(pending);
    },
  };
}

const silentLog: ResourceLog = { line: () => undefined, progress: () => undefined };

type Send = (severity: Severity, message: string, urn: string, ephemeral: boolean) => Promise<void>;

function connect(address: string): Send {
  // Resolved from `@pulumi/pulumi` itself: two copies of grpc do not accept each other's credentials.
  const near = createRequire(require.resolve("@pulumi/pulumi"));
  const grpc = near("@grpc/grpc-js") as typeof Grpc;
  const { EngineClient } = near("./proto/engine_grpc_pb") as typeof EngineGrpc;
  const { LogRequest, LogSeverity } = near("./proto/engine_pb") as typeof Engine;
  const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR } as const;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (severity, message, urn, ephemeral) =>
    new Promise((resolve) => {
      const request = new LogRequest();
      request.setSeverity(severities[severity]);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      client.log(request, new grpc.Metadata(), { deadline: Date.now() + 5000 }, () => {
        resolve();
      });
    });
}
