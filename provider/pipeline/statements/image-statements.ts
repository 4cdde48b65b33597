import type { Inventory } from "../../attestation/inventory.js";
import type { ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";
import type { PlannedPlatform } from "../compose/planned-platform.js";
import type { Notice } from "../notice.js";
import type { Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { describeVexSummary, explainVex, parseVexSummary } from "../state/vex-summary.js";
import { takeInventory } from "./inventory.js";
import { makeVex } from "./make-vex.js";
import type { InputPath } from "./secret-inputs.js";
import { readBaseStatements } from "./base-statements.js";
import { vexMark } from "./vex-mark.js";
import { signerOf } from "../attest/signer.js";
import { describeStatements, makeStatements } from "./statements.js";

/** What is declared of an image, for those who state something about it. */
export interface StatingRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  /** As declared. */
  readonly inputs: ValueMap;
  readonly secrets: readonly InputPath[];
  /** The outputs in state. */
  readonly olds: ValueMap;
}

/** What is stated about an image. */
export interface Stated {
  /** Outputs. */
  readonly outputs: ValueMap;
  readonly reasons: readonly string[];
  readonly notices: readonly Notice[];
}

/** Follows the composition of an image, and then states what is in it. The statements are in the cache until they are signed. */
export class ImageStatements {
  readonly #session: Session;
  readonly #request: StatingRequest;
  readonly #inventories = new Map<string, Inventory>();

  constructor(session: Session, request: StatingRequest) {
    this.#session = session;
    this.#request = request;
  }

  readonly observe = (planned: PlannedPlatform): void => {
    this.#inventories.set(planned.platform, takeInventory(planned, this.#request));
  };

  /** Throws `DhiError` with origin "signing" for a key that cannot be used: nothing has been pushed yet. */
  async finish(composition: Composition): Promise<Stated> {
    const session = this.#session;
    const { spec, resolution, inputs, secrets, olds } = this.#request;
    const signer = await signerOf(session, spec.inputs.sign);
    const whole = { ...resolution, layoutVersion: composition.layoutVersion };
    const statements = await makeStatements(session, {
      spec,
      resolution: whole,
      inputs,
      secrets,
      composition,
      inventories: this.#inventories,
    });
    const [first] = composition.platforms;
    const base = await readBaseStatements(session, spec, resolution);
    const vex = await makeVex(session, {
      vex: spec.inputs.vex,
      destination: spec.destination,
      index: composition.index.digest,
      created: first?.config.after.created,
      platforms: composition.platforms.map(({ platform, manifest }) => ({
        platform,
        manifest: manifest.digest,
        packages: this.#inventories.get(platform)?.packages ?? [],
        verified: base.byPlatform.get(platform) ?? [],
      })),
      base: base.digests,
    });
    return {
      outputs: {
        attestations: describeStatements([...statements, ...vex.statements]),
        ...(signer === undefined ? {} : { __signer: signer.id }),
        __vex: describeVexSummary(vex.summary),
        __vexMark: await vexMark(session, spec, resolution),
      },
      reasons: explainVex(parseVexSummary(olds["__vex"]), vex.summary),
      notices: vex.notices,
    };
  }
}
