import { DhiError } from "../../provider/errors.js";
import { isDigest } from "../../provider/image/digest.js";
import { throwAwayManifest } from "../../provider/image/throw-away-manifest.js";
import { PartialFailure } from "../../provider/pipeline/partial-failure.js";
import { describeFailure } from "../../provider/resources/parse.js";
import type { Session } from "../../provider/pipeline/session.js";
import type { ValueMap } from "../../provider/values.js";
import { expect, expectThat } from "../support/expectations.js";
import { lifecycles } from "../support/session/publish.js";
import { keepRow } from "../support/session/session.js";
import { assertWhole, storedTag } from "../support/registries/stored.js";
import type { FaultLane } from "./stage.js";
import type { FaultPlan, Place } from "./draw-faults.js";

/** The operation of a run, under faults; earlier ones are done without faults. */
export const operations = ["create", "update", "destroy"] as const;
export type Operation = (typeof operations)[number];

export interface Outcome {
  /** Undefined on success. */
  readonly error: string | undefined;
  /** Everything that users saw. */
  readonly texts: readonly string[];
  /** How many requests each server received. */
  readonly requests: Readonly<Record<Place, number>>;
}

/** Digest of the index by version of the program. */
export type Promises = Readonly<Record<1 | 2, string>>;

interface State {
  readonly id: string;
  readonly outputs: ValueMap;
}

/** Milliseconds after which an operation is cancelled, and those that it may take to end. */
const DEADLINE = 25_000;
const GRACE = 30_000;
/** The cache of operations without faults. */
const warm = "warm";
const tag = "12_f";

/** An operation that goes on after its time limit. */
class Overrun extends Error {}

/** One resource in its own repository. */
export class FaultRun {
  readonly #lane: FaultLane;
  readonly #name: string;
  readonly #texts: string[] = [];
  #state: State | undefined;

  constructor(lane: FaultLane, name: string) {
    this.#lane = lane;
    this.#name = `run/${name}`;
  }

  /** The promises of previews without faults, by version of the program: the same in every repository of the lane. */
  async promises(): Promise<Promises> {
    const digestOf = async (version: 1 | 2): Promise<string> => {
      const { digest } = await this.#check(this.#lane.session(warm), version, {});
      expectThat(typeof digest === "string");
      return digest;
    };
    return { 1: await digestOf(1), 2: await digestOf(2) };
  }

  /** Runs the operation under the plan, then again without faults, and checks what the tag points at after each. */
  async play(operation: Operation, plan: FaultPlan, promises: Promises): Promise<Outcome> {
    const { registry } = this.#lane.servers;
    const cache = this.#lane.newCache();
    const version = operation === "create" ? 1 : 2;
    this.#lane.plan(undefined);
    if (operation !== "create") await this.#up(1, warm);
    const destroyed = this.#state;
    const before = await storedTag(registry, this.#name, tag);
    this.#texts.length = 0;

    this.#lane.plan(plan);
    const after = operation === "destroy" ? undefined : promises[version];
    const error = await this.#attempt(() => (operation === "destroy" ? this.#destroy() : this.#up(version, cache, promises)));
    const texts = [...this.#texts];
    const requests = this.#lane.counts;
    this.#lane.plan(undefined);
    const between = await storedTag(registry, this.#name, tag);
    const stays = operation === "destroy" && texts.some((text) => text.includes(`the tag ${tag} stays`));
    if (error === undefined && !stays) expect(between, "the tag after success").to.equal(after);
    else if (between !== before && between !== after) {
      // The registry deletes only by digest: an image that the tag pointed at briefly may be left, and the next destroy continues from it.
      const left = between === undefined ? "nothing" : interrupted(operation, before, this.#name);
      expect(between, `the tag after: ${error ?? "success"}`).to.equal(left);
    }
    if (between !== undefined) await assertWhole(registry, this.#name, between);

    if (operation === "destroy") {
      this.#state ??= destroyed;
      await this.#destroy();
      expect(await storedTag(registry, this.#name, tag), "the tag after the next destroy").to.equal(undefined);
    } else {
      await this.#up(version, cache, promises);
      expect(await storedTag(registry, this.#name, tag), "the tag after the next run").to.equal(after);
      await assertWhole(registry, this.#name, after ?? "");
    }
    await this.#lane.dropCache(cache);
    return { error, texts, requests };
  }

  async #attempt(work: () => Promise<void>): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Overrun(`it did not end within ${String(GRACE)} ms of its time limit`));
      }, DEADLINE + GRACE);
    });
    try {
      await Promise.race([work(), late]);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Overrun) throw thrown;
      expectThat(
        thrown instanceof DhiError || thrown instanceof PartialFailure || thrown instanceof CheckFailed,
        String((thrown as Error).stack),
      );
      const text = thrown instanceof DhiError ? thrown.describe() : thrown.message;
      this.#texts.push(text, thrown.message, String(thrown.stack));
      if (thrown instanceof PartialFailure) this.#state = { id: thrown.id, outputs: thrown.outputs };
      expect(text).to.not.match(/undefined|\[object|TypeError|RangeError/);
      return text;
    } finally {
      clearTimeout(timer);
    }
  }

  #inputs(version: 1 | 2): ValueMap {
    return {
      repository: `${this.#lane.host}/acme/base`,
      version: "12",
      destination: `${this.#lane.host}/${this.#name}`,
      suffix: "f",
      packages: ["tool"],
      scripts: [{ path: "/opt/run", content: `#!/bin/sh\necho ${String(version)}\n`, uid: 0, gid: 0, mode: "0755" }],
      labels: { version: String(version) },
    };
  }

  async #check(session: Session, version: 1 | 2, olds: ValueMap): Promise<ValueMap> {
    const row = keepRow();
    const request = { urn: undefined, olds, news: this.#inputs(version), secrets: [] };
    const { failures, inputs, derived } = await lifecycles.customization.check(session, request, row);
    this.#texts.push(...row.lines);
    if (failures.length > 0) throw new CheckFailed(failures.map(describeFailure).join("\n"));
    return { ...inputs, ...derived };
  }

  async #up(version: 1 | 2, cache: string, promises?: Promises): Promise<void> {
    const session = this.#lane.session(cache, DEADLINE);
    const wanted = await this.#check(session, version, this.#state?.outputs ?? {});
    if (promises !== undefined) expect(wanted["digest"], "preview under faults").to.equal(promises[version]);
    const row = keepRow();
    try {
      if (this.#state === undefined) this.#state = await lifecycles.customization.create(session, wanted, row);
      else
        this.#state = {
          ...this.#state,
          outputs: await lifecycles.customization.update(session, this.#state.id, this.#state.outputs, wanted, row),
        };
    } finally {
      this.#texts.push(...row.lines);
    }
  }

  async #destroy(): Promise<void> {
    if (this.#state === undefined) return;
    const row = keepRow();
    try {
      await lifecycles.customization.delete(this.#lane.session(this.#lane.newCache(), DEADLINE), this.#state.id, this.#state.outputs, row);
      this.#state = undefined;
    } finally {
      this.#texts.push(...row.lines);
    }
  }
}

/** What a destroy that stopped half way may leave at the tag. */
function interrupted(operation: Operation, former: string | undefined, repository: string): string | undefined {
  return operation === "destroy" && isDigest(former) ? throwAwayManifest({ repository, tag, former }).digest : undefined;
}

/** Failures of check, as the engine would show them. */
class CheckFailed extends Error {}
