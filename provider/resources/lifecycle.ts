import type { Failure } from "./parse.js";
import type { ResourceLog, Session } from "../pipeline/session.js";
import type { ValueMap } from "../values.js";

/** Where in the arguments a secret is: `["environment", "TOKEN"]`. All below it is secret. */
export type SecretPath = readonly (string | number)[];

export interface CheckRequest {
  /** Undefined when the program could not tell it. */
  readonly urn: string | undefined;
  /** Old inputs with what check derived; empty for a new resource and in the second check of a replacement. */
  readonly olds: ValueMap;
  readonly news: ValueMap;
  readonly secrets: readonly SecretPath[];
}

export interface CheckResult {
  /** As declared. */
  readonly inputs: ValueMap;
  readonly derived: ValueMap;
  /** Where what is derived repeats a secret, in whatever form. */
  readonly secrets: readonly SecretPath[];
  readonly failures: readonly Failure[];
}

/** What keeping secrets takes to know of inputs and outputs. */
export interface Secrecy {
  /** Inputs that are maps with keys of the user's own: of one that is secret as a whole these are secret too. */
  readonly dictionaries: ReadonlySet<string>;
  /** Inputs that hold paths, which messages have in other forms too. */
  readonly paths: ReadonlySet<string>;
  /** Outputs that derive from names alone, which may not be secret: they are never hidden, whatever they happen to contain. */
  readonly names: ReadonlySet<string>;
  /** Inputs that may be secret, `*` for every item of a list: all of it is taken for secret where the sdk could not look at it. */
  readonly anywhere: readonly SecretPath[];
}

/** The methods of a dynamic provider over plain values. Failures are `DhiError`, or `PartialFailure` where something was done. */
export interface Lifecycle {
  readonly secrecy: Secrecy;
  /** The id that these inputs make; undefined while it is not known. */
  identify(inputs: ValueMap): string | undefined;
  check(session: Session, request: CheckRequest, log: ResourceLog): Promise<CheckResult>;
  /** Pure. Undefined: nothing differs; else the properties that replace the resource, none for an update in place. */
  diff(id: string, olds: ValueMap, news: ValueMap): readonly string[] | undefined;
  create(session: Session, inputs: ValueMap, log: ResourceLog): Promise<{ readonly id: string; readonly outputs: ValueMap }>;
  update(session: Session, id: string, olds: ValueMap, news: ValueMap, log: ResourceLog): Promise<ValueMap>;
  /** Undefined: gone. */
  read(session: Session, id: string, outputs: ValueMap): Promise<ReadResult | undefined>;
  delete(session: Session, id: string, outputs: ValueMap, log: ResourceLog): Promise<void>;
}

export interface ReadResult {
  readonly outputs: ValueMap;
  /** Undefined for a resource that another program owns. */
  readonly inputs: ValueMap | undefined;
}
