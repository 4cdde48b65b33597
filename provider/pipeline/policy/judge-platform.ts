import { recordedPackages } from "../../packages/recorded.js";
import { inTurns } from "../../rootfs/steps.js";
import type { Notice } from "../notice.js";
import type { Session } from "../session.js";
import type { Policy } from "../spec/policy.js";
import { judgeLicenses, unknownLicenses } from "./denied-licenses.js";
import { judgePackages, judgeReadable } from "./denied-packages.js";
import { judgeEndOfLife } from "./end-of-life.js";
import { judgePrograms } from "./forbid-programs.js";
import { judgeRoot } from "./forbid-root.js";
import { judgeSecrets } from "./forbid-secrets.js";
import { judgeSetuid } from "./forbid-setuid.js";
import { needsPackages } from "./judges-tree.js";
import { judgeGrowth } from "./maximum-growth.js";
import type { PlatformFacts } from "./platform-facts.js";
import type { Violation } from "./violation.js";

/** What a policy says of an image for one platform. */
export interface Judgement {
  readonly violations: readonly Violation[];
  readonly notices: readonly Notice[];
}

/** Judges every rule that is about one platform. */
export async function judgePlatform(
  { now, signal }: Pick<Session, "now" | "signal">,
  policy: Policy,
  facts: PlatformFacts,
): Promise<Judgement> {
  const { deniedPackages = [], deniedLicenses = [], maximumGrowthBytes } = policy;
  const { tree } = facts;
  const packages = needsPackages(policy) ? recordedPackages(tree) : [];
  const violations: readonly (readonly Violation[])[] = [
    policy.forbidRoot === true ? judgeRoot(facts) : [],
    policy.forbidShell === true ? await inTurns(judgePrograms(tree, packages, "shell"), signal) : [],
    policy.forbidPackageManager === true ? await inTurns(judgePrograms(tree, packages, "package manager"), signal) : [],
    policy.forbidSetuid === true ? judgeSetuid(facts) : [],
    policy.forbidSecrets === true ? await judgeSecrets(facts, signal) : [],
    deniedPackages.length > 0 ? [...judgeReadable(tree, "deniedPackages"), ...judgePackages(packages, deniedPackages)] : [],
    deniedLicenses.length > 0 ? [...judgeReadable(tree, "deniedLicenses"), ...judgeLicenses(packages, deniedLicenses)] : [],
    policy.forbidEndOfLife === true ? judgeEndOfLife(facts.before, facts.annotations, now()) : [],
    maximumGrowthBytes === undefined ? [] : judgeGrowth(facts.compressedBytes, maximumGrowthBytes),
  ];
  return { violations: violations.flat(), notices: deniedLicenses.length > 0 ? unknownLicenses(packages) : [] };
}
