import type { KnownNoticeKind } from "../notice-kind.js";

/** Something that the user should know but that is not an error. As in the sdk. */
export interface Notice {
  readonly kind: KnownNoticeKind;
  readonly message: string;
  readonly platform?: string;
  readonly path?: string;
  readonly package?: string;
}

/** Merges notices that are the same on every platform into one without a platform. */
export function mergeNotices(byPlatform: ReadonlyMap<string, readonly Notice[]>): readonly Notice[] {
  const counts = new Map<string, { readonly notice: Notice; readonly platforms: Set<string> }>();
  for (const [platform, notices] of byPlatform) {
    for (const notice of notices) {
      const key = JSON.stringify([notice.kind, notice.message, notice.path]);
      const known = counts.get(key) ?? { notice, platforms: new Set() };
      known.platforms.add(platform);
      counts.set(key, known);
    }
  }
  return [...counts.values()].flatMap(({ notice, platforms }) =>
    platforms.size === byPlatform.size ? [notice] : [...platforms].map((platform) => ({ ...notice, platform })),
  );
}

/** Most notices of one kind that are shown; the others are counted, as an image may cause any number of them. */
export const MOST_NOTICES_OF_A_KIND = 10;

/** The first notices of each kind, in their order, followed by the number of further ones. */
export function foldNotices(notices: readonly Notice[]): readonly Notice[] {
  const counts = new Map<KnownNoticeKind, number>();
  for (const { kind } of notices) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const shown = new Map<KnownNoticeKind, number>();
  return notices.flatMap((notice) => {
    const { kind } = notice;
    const at = (shown.get(kind) ?? 0) + 1;
    shown.set(kind, at);
    if (at <= MOST_NOTICES_OF_A_KIND) return [notice];
    const more = (counts.get(kind) ?? 0) - MOST_NOTICES_OF_A_KIND;
    return at === MOST_NOTICES_OF_A_KIND + 1 ? [{ kind, message: moreOfAKind(kind, more) }] : [];
  });
}

/** `… and 49,990 more (overwritten)` */
export function moreOfAKind(kind: KnownNoticeKind, count: number): string {
  return `… and ${count.toLocaleString("en-US")} more (${kind})`;
}
