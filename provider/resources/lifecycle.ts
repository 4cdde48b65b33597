import type { Failure } from "./parse.js";
import type { ResourceLog, Session } from "../pipeline/session.js";
import type { ValueMap } from "../values.js";

/** The path of a secret in the arguments: `["environment", "TOKEN"]`. Everything below it is secret. */
export type SecretPath = readonly (string | number)[];

export interface CheckRequest {
  /** Undefined when the program could not determine it. */
  readonly urn: string | undefined;
  /** Old inputs with the outputs that check derived; empty for a new resource and in the second check of a replacement. */
  readonly olds: ValueMap;
  readonly news: ValueMap;
  readonly secrets: readonly SecretPath[];
}

export interface CheckResult {
  /** As declared. */
  readonly inputs: ValueMap;
  readonly derived: ValueMap;
  /** Places in the derived outputs that repeat a secret, in any form. */
  readonly secrets: readonly SecretPath[];
  readonly failures: readonly Failure[];
}

/** Facts about inputs and outputs that are needed to protect secrets. */
export interface Secrecy {
  /** Inputs that are maps with keys of the user: when such a map is secret as a whole, so are its keys. */
  readonly dictionaries: ReadonlySet<string>;
  /** Inputs that hold paths, which messages also show in other forms. */
  readonly paths: ReadonlySet<string>;
  /** Outputs derived only from names, which may not be secret: they are never hidden, even if they contain the text of a secret. */
  readonly names: ReadonlySet<string>;
  /** Inputs that may be secret, `*` for every item of a list: they count as secret when the sdk could not inspect them. */
  readonly anywhere: readonly SecretPath[];
}

/** The methods of a dynamic provider, over plain values. Failures are `DhiError`, or `PartialFailure` when something was already done. */
export interface Lifecycle {
  readonly secrecy: Secrecy;
  /** The id for these inputs; undefined while it is unknown. */
  identify(inputs: ValueMap): string | undefined;
  check(session: Session, request: CheckRequest, log: ResourceLog): Promise<CheckResult>;
  /** Pure. Undefined when nothing differs; otherwise the properties that require a replacement, none for an update in place. */
  diff(id: string, olds: ValueMap, news: ValueMap): readonly string[] | undefined;
  create(session: Session, inputs: ValueMap, log: ResourceLog): Promise<{ readonly id: string; readonly outputs: ValueMap }>;
  update(session: Session, id: string, olds: ValueMap, news: ValueMap, log: ResourceLog): Promise<ValueMap>;
  /** Undefined when the resource is gone. */
  read(session: Session, id: string, outputs: ValueMap): Promise<ReadResult | undefined>;
  delete(session: Session, id: string, outputs: ValueMap, log: ResourceLog): Promise<void>;
}

export interface ReadResult {
  readonly outputs: ValueMap;
  /** Undefined for a resource that another program owns. */
  readonly inputs: ValueMap | undefined;
}
