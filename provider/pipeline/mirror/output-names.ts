/** What a program can use. */
export const mirrorOutputs = ["repository", "images", "reasons"] as const;

/** There for one update only. */
export const mirrorTransients: ReadonlySet<string> = new Set(["replaced", "copied", "drift", "failure"]);

/** Everything that check and refresh add to the inputs. */
export const mirrorDerived: ReadonlySet<string> = new Set([...mirrorOutputs, "attached", "__firstSeen", "__verified", ...mirrorTransients]);
