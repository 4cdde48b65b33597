import { Memo } from "../../async/memo.js";
import { OPENVEX } from "../../attestation/formats/predicate-types.js";
import type { VerifiedStatement } from "../../attestation/verified-statement.js";
import { blame } from "../../errors.js";
import { digestOf, type Digest } from "../../image/digest.js";
import type { Memory, Session } from "../session.js";
import { openImage } from "../sources/source-image.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { openPolicy } from "../verify/policy.js";
import { verifiedStatements } from "../verify/verified-statements.js";

/** What is stated of the vulnerabilities of a base by those whom its `verify` trusts. */
export interface BaseStatements {
  /** Of its index and its manifests. */
  readonly digests: readonly Digest[];
  /** By platform, `os/arch[/variant]`. */
  readonly byPlatform: ReadonlyMap<string, readonly VerifiedStatement[]>;
  /** Another one when anything stated is another. */
  readonly mark: Digest;
}

// Version 0.0.1 of OpenVEX had no version in its type.
const types: ReadonlySet<string> = new Set([OPENVEX, "https://openvex.dev/ns"]);

const none: BaseStatements = { digests: [], byPlatform: new Map(), mark: digestOf("") };

const memories = new WeakMap<Memory, Memo<BaseStatements>>();

/** Asked once for each base in an operation. Nothing is believed of a base for which there is no `verify`, nor `dhi:verify`. */
export async function readBaseStatements(session: Session, spec: ImageSpec, resolution: Pick<Resolution, "base">): Promise<BaseStatements> {
  const verify = spec.verify ?? session.settings.verify;
  if (verify === undefined || spec.base === undefined || resolution.base === undefined) return none;
  const { repository } = spec.base;
  const { digest } = resolution.base;
  const memo = memories.get(session.memory) ?? new Memo<BaseStatements>();
  memories.set(session.memory, memo);
  const { fingerprint } = await openPolicy(session.projectDirectory, verify);
  return memo.run(`${session.repositories.key(repository)} ${digest} ${fingerprint}`, () =>
    blame({ origin: "base", property: "verify" }, async () => {
      const read = (of: Digest) => verifiedStatements(session, repository, of, verify, types);
      const image = await openImage(session, repository, digest, "base");
      const whole = await read(digest);
      const byPlatform = new Map<string, readonly VerifiedStatement[]>();
      const digests = [digest];
      for (const [platform, open] of image.platforms) {
        const { descriptor } = await open();
        digests.push(descriptor.digest);
        byPlatform.set(platform, descriptor.digest === digest ? whole : [...whole, ...(await read(descriptor.digest))]);
      }
      return { digests, byPlatform, mark: digestOf(JSON.stringify([...byPlatform])) };
    }),
  );
}
