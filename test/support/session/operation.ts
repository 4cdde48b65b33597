import { fork, type ChildProcess } from "node:child_process";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { lifecycles, type Resource } from "./publish.js";
import { keepRow, openSession, type SessionOptions } from "./session.js";

/** The engine's record of a resource. */
export interface StoredResource {
  readonly id: string;
  readonly inputs: ValueMap;
  readonly outputs: ValueMap;
}

/** One operation of the engine on one resource. */
export interface Operation {
  readonly kind: "up" | "destroy";
  readonly resource: Resource;
  readonly urn: string;
  readonly inputs: ValueMap;
  readonly state: StoredResource | undefined;
}

/** What the engine would save. `state` undefined: the resource is deleted. */
export interface Outcome {
  readonly state: StoredResource | undefined;
  readonly did: "create" | "update" | "same" | "delete" | "fail";
  readonly error?: string;
  readonly lines: readonly string[];
}

/** Runs the engine's steps for a resource: check, diff, then create, update or delete; no replacements. */
export async function operate(session: Session, { kind, resource, urn, inputs, state }: Operation): Promise<Outcome> {
  const row = keepRow();
  const lifecycle = lifecycles[resource];
  const fail = (thrown: unknown): Outcome => ({ state, did: "fail", error: String(thrown), lines: row.lines });
  if (kind === "destroy") {
    if (state === undefined) return { state, did: "same", lines: [] };
    return lifecycle.delete(session, state.id, state.outputs, row).then(
      () => ({ state: undefined, did: "delete", lines: row.lines }),
      (thrown: unknown) => fail(thrown),
    );
  }
  let wanted: ValueMap = {};
  try {
    const request = { urn, olds: state?.inputs ?? {}, news: inputs, secrets: [] };
    const checked = await lifecycle.check(session, request, row);
    if (checked.failures.length > 0) return fail(checked.failures.map(({ reason }) => reason).join("\n"));
    wanted = { ...checked.inputs, ...checked.derived };
    if (state === undefined) {
      const { id, outputs } = await lifecycle.create(session, wanted, row);
      return { state: { id, inputs: wanted, outputs }, did: "create", lines: row.lines };
    }
    if (lifecycle.diff(state.id, state.outputs, wanted) === undefined)
      return { state: { ...state, inputs: wanted }, did: "same", lines: row.lines };
    const outputs = await lifecycle.update(session, state.id, state.outputs, wanted, row);
    return { state: { id: state.id, inputs: wanted, outputs }, did: "update", lines: row.lines };
  } catch (thrown) {
    if (!(thrown instanceof PartialFailure)) return fail(thrown);
    return { ...fail(thrown), state: { id: thrown.id, inputs: wanted, outputs: thrown.outputs } };
  }
}

export interface OperatorProcess {
  readonly child: ChildProcess;
  /** Undefined when it was killed before the end. */
  run(operation: Operation): Promise<Outcome | undefined>;
}

/** A separate process for one operation, like a provider: it has loaded everything, and waits. */
export async function startOperator(options: SessionOptions): Promise<OperatorProcess> {
  const child = fork(__filename, [JSON.stringify(options)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
  });
  return {
    child,
    run: (operation) =>
      new Promise((resolve) => {
        let outcome: Outcome | undefined;
        child.once("message", (message) => {
          outcome = message as Outcome;
        });
        child.once("exit", () => {
          resolve(outcome);
        });
        child.send(operation);
      }),
  };
}

if (require.main === module) {
  const options = JSON.parse(process.argv[2] ?? "") as SessionOptions;
  process.once("message", (message) => {
    void operate(openSession(options), message as Operation).then((outcome) => {
      process.send?.(outcome, () => process.exit(0));
    });
  });
  process.send?.("ready");
}
