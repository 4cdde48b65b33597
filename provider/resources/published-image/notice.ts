/** Something the user should see though it is no error. As in the public face. */
export interface Notice {
  readonly kind: string;
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
