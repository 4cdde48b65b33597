import { DhiError } from "../../../provider/errors.js";
import { resolveApk, type ResolveOptions } from "../../../provider/packages/apk/resolve/resolver.js";
import type { Simulation } from "./root.js";

/** What we would do, as apk says it. */
export type Answer = { readonly kind: "adds"; readonly order: readonly string[]; readonly upgraded: readonly string[] } | DhiError;

export function answer(options: ResolveOptions): Answer {
  try {
    const { added, notices } = resolveApk(options);
    const upgraded = new Set(notices.filter(({ kind }) => kind === "upgraded").map((notice) => notice.package));
    const items = (names: typeof added): readonly string[] => names.map(({ name, version }) => `${name}-${version}`);
    return { kind: "adds", order: items(added), upgraded: items(added.filter(({ name }) => upgraded.has(name))) };
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code !== "limit") return thrown;
    throw thrown;
  }
}

/** Where ours is another than apk's, as one line; empty for none. We refuse what apk refuses, and what takes from the base. */
export function compare(apk: Simulation, ours: Answer): string {
  const takesAway = apk.removed.length + apk.downgraded.length > 0;
  if (ours instanceof DhiError) {
    return apk.kind === "refuses" || takesAway ? "" : `apk does ${apk.order.join(" ")}, we refuse: ${ours.message}`;
  }
  if (apk.kind === "refuses") return `apk refuses, we add ${ours.order.join(" ")}: ${apk.output}`;
  if (takesAway) return `apk removes ${apk.removed.join(" ")} and makes older ${apk.downgraded.join(" ")}, we add ${ours.order.join(" ")}`;
  const less = apk.order.filter((one) => !ours.order.includes(one));
  const more = ours.order.filter((one) => !apk.order.includes(one));
  if (less.length + more.length > 0) return `${less.map((one) => `-${one}`).join(" ")} ${more.map((one) => `+${one}`).join(" ")}`;
  if (ours.order.join(" ") !== apk.order.join(" ")) return `order: apk ${apk.order.join(" ")}, ours ${ours.order.join(" ")}`;
  return ours.upgraded.join(" ") === apk.upgraded.join(" ")
    ? ""
    : `upgrades: apk ${apk.upgraded.join(" ")}, ours ${ours.upgraded.join(" ")}`;
}
