import { isSecret, output, runtime, type Input, type Output } from "@pulumi/pulumi";
import { knownHistory, type KnownHistory } from "./known-histories.js";

/** The image whose history to list. */
export interface GetHistoryArgs {
  /** `ref` of a `Customization` (`registry/name@sha256:…`), or `registry/name:tag` or `oci:path:tag` of any. */
  ref: string;
}

/** An image that is kept reachable. */
export interface HistoryEntry {
  /** Digest of the index; a value of `rollbackTo`. */
  digest: string;
  /** The tag that keeps it, `<tag>-<short digest>`; the image's own tag where only that does. */
  tag: string;
  /** Whether the image's own tag points at it. Of an image of another program with `immutableTags` that is not known, and false. */
  current: boolean;
  /** When it was first published, as ISO 8601. Absent where it is not known, as of images of other programs. */
  published?: string;
  /** Why it differed from the one before. Empty where it is not known, as of images of other programs. */
  reasons: string[];
}

/**
 * Lists the images that `keepPrevious` keeps. Of an image of this program state is asked, and answers newest first, in preview as after the
 * update. Of others their registry is asked: the current one comes first, without times and reasons. Rejects with `RunError`.
 */
export async function getHistory(args: GetHistoryArgs): Promise<HistoryEntry[]> {
  const { getHistory: lookUp } = await import("../provider/pulumi/lookups.js");
  const told = knownHistory(args.ref);
  if (told !== undefined && (await canBePlain(told))) {
    const history = await new Promise<KnownHistory | undefined>((resolve) => told.apply(resolve));
    if (history !== undefined) return describe(args.ref, history);
  }
  return (await lookUp({ ref: args.ref }, (key) => runtime.getConfig(key))).map((entry) => ({ ...entry, reasons: [...entry.reasons] }));
}

/** `getHistory` for a `ref` that may not be known yet. */
export function getHistoryOutput(args: { [K in keyof GetHistoryArgs]: Input<GetHistoryArgs[K]> }): Output<HistoryEntry[]> {
  return output(args).apply((given) => {
    const { ref } = given as GetHistoryArgs;
    const told = knownHistory(ref);
    if (told === undefined) return output(getHistory({ ref }));
    return told.apply((history) => (history === undefined ? getHistory({ ref }) : Promise.resolve(describe(ref, history))));
  });
}

/** A promise cannot carry that a value is secret, and one that is not known in a preview never comes. */
async function canBePlain(told: Output<unknown>): Promise<boolean> {
  // Internal to `@pulumi/pulumi`, which has no public form of it.
  const { isKnown } = told as { readonly isKnown?: Promise<boolean> };
  return !(await isSecret(told)) && (await isKnown) === true;
}

function describe(ref: string, { version, history, published }: KnownHistory): HistoryEntry[] {
  return history.map(({ digest, tag, reasons }) => ({
    digest,
    tag: tag ?? version.split("@", 1)[0] ?? version,
    current: ref.endsWith(`@${digest}`),
    ...(published[digest] === undefined ? {} : { published: published[digest] }),
    reasons: [...reasons],
  }));
}
