import type { Descriptor } from "../../image/descriptor.js";

/** A statement as it was computed: its bytes are what is signed. */
export interface StatementBytes {
  readonly predicateType: string;
  readonly bytes: Buffer;
}

/** An index or a manifest that the destination has, and the statements about it. */
export interface AttestedSubject {
  readonly descriptor: Descriptor;
  readonly statements: readonly StatementBytes[];
}
