/** The properties of an output. */
interface OutputTraits {
  /** Declared by the classes of the sdk, for use in programs. */
  readonly program?: true;
  /** Present for one update only. */
  readonly transient?: true;
  /**
   * A change of this output alone does not cause an update. Check still returns the new value: the engine stores checked inputs even
   * without an update, so the next check finds it.
   */
  readonly ignoredByDiff?: true;
}

/** Every output of an image. Check derives them; they are both checked inputs and outputs, so that previews show them. */
const imageOutputs = {
  ref: { program: true },
  digest: { program: true },
  tags: { program: true },
  platformDigests: { program: true },
  resolution: { program: true },
  reasons: { program: true },
  notices: { program: true },
  attestations: { program: true },
  asBase: { program: true },
  /** Of a `Customization`. */
  base: {},
  config: {},
  layers: {},
  /** The layer records. The engine hides names with two leading underscores, except in detailed diffs of updates. */
  __layers: { ignoredByDiff: true },
  /** See `FirstSights`. A new one is an update, so that refresh, which reads outputs, keeps it. */
  __firstSeen: {},
  /** Of a `Customization` with `suffixAllTags`: the other tags of the base; `tags` shows their change. */
  __aliases: { ignoredByDiff: true },
  archives: { ignoredByDiff: true },
  /** The images that are kept reachable: more of them are tagged at the next update, whatever makes it. */
  __history: { ignoredByDiff: true },
  /** When they were published: the outputs have what create and update add, as a time in checked inputs would make preview and update differ. */
  __published: { ignoredByDiff: true },
  /** What was verified, by policy: it is not asked again. */
  __verified: { ignoredByDiff: true },
  /** Who signs; another one is an update. */
  __signer: {},
  /** What is known of vulnerabilities, in short (`VexSummary`). */
  __vex: {},
  /** What that came from (`vexMark`). */
  __vexMark: { ignoredByDiff: true },
  /** What create and update have attached (`Attached`). */
  __attached: { ignoredByDiff: true },
  drift: { transient: true },
  failure: { transient: true },
  unfinished: { transient: true },
} as const satisfies Readonly<Record<string, OutputTraits>>;

type With<Trait extends keyof OutputTraits> = {
  [Name in keyof typeof imageOutputs]: (typeof imageOutputs)[Name] extends Readonly<Record<Trait, true>> ? Name : never;
}[keyof typeof imageOutputs];

/** Outputs of every image that programs can use. */
export type ProgramOutput = With<"program">;
/** Outputs of every composition: of those that programs do not see only the records of layers. */
export type ComposedOutput = Exclude<
  keyof typeof imageOutputs,
  "base" | "archives" | Exclude<Extract<keyof typeof imageOutputs, `__${string}`>, "__layers"> | With<"transient">
>;

function namesWith<Trait extends keyof OutputTraits>(trait: Trait): readonly With<Trait>[] {
  const traits: readonly (readonly [string, OutputTraits])[] = Object.entries(imageOutputs);
  return traits.filter(([, has]) => has[trait] === true).map(([name]) => name as With<Trait>);
}

export const programOutputs = namesWith("program");
export const derivedProperties: ReadonlySet<string> = new Set(Object.keys(imageOutputs));
export const transientProperties: ReadonlySet<string> = new Set(namesWith("transient"));
export const propertiesIgnoredByDiff: ReadonlySet<string> = new Set(namesWith("ignoredByDiff"));
