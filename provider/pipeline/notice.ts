import type { NoticeKind } from "../notice-kind.js";

/** Something the user should see though it is no error. As in the public face. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly message: string;
  readonly platform?: string;
  readonly path?: string;
  readonly package?: string;
}

/** Notices that say the same on every platform are one, without a platform. */
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

/** More notices of one kind than these are told by their number: an image may give any number of them. */
export const MOST_NOTICES_OF_A_KIND = 10;

/** The first notices of each kind, in their order, and after the last of these how many more there are. */
export function foldNotices(notices: readonly Notice[]): readonly Notice[] {
  const counts = new Map<NoticeKind, number>();
  for (const { kind } of notices) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const told = new Map<NoticeKind, number>();
  return notices.flatMap((notice) => {
    const { kind } = notice;
    const at = (told.get(kind) ?? 0) + 1;
    told.set(kind, at);
    if (at <= MOST_NOTICES_OF_A_KIND) return [notice];
    const more = (counts.get(kind) ?? 0) - MOST_NOTICES_OF_A_KIND;
    return at === MOST_NOTICES_OF_A_KIND + 1 ? [{ kind, message: moreOfAKind(kind, more) }] : [];
  });
}

/** `… and 49,990 more (overwritten)` */
export function moreOfAKind(kind: NoticeKind, count: number): string {
  return `… and ${count.toLocaleString("en-US")} more (${kind})`;
}
