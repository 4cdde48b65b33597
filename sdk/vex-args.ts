import type { Input } from "@pulumi/pulumi";
import type { InputList } from "./input-types.js";

/**
 * What is known of vulnerabilities of the image, attached to it as OpenVEX. Of the base's own statements those about unchanged packages are kept without
 * asking.
 */
export interface VexArgs {
  /**
   * More statements about the base's packages: a file or a folder relative to the Pulumi project, an `https` URL that ends in `#sha256=<hex>`, or a
   * feed in the layout of the product's advisories, whose URL ends in a slash.
   */
  source?: Input<string> | undefined;
  /** Your own. They override the base's about the same vulnerability and package. */
  statements?: InputList<VexStatementArgs> | undefined;
}

/** What you know of a vulnerability. Anyone who can pull the image can read it. */
export interface VexStatementArgs {
  /** `CVE-2026-1234`, as scanners name it. */
  vulnerability: Input<string>;
  /**
   * A package of the image: `name` in whichever version it has, or `name=version`; of one that belongs to no distribution a package URL with its
   * version. Default: the image as a whole.
   */
  package?: Input<string> | undefined;
  /** Scanners hide what is `not_affected` or `fixed`. */
  status: Input<"not_affected" | "fixed" | "affected" | "under_investigation">;
  /**
   * Why it is `not_affected`: `component_not_present`, `vulnerable_code_not_present`, `vulnerable_code_not_in_execute_path`,
   * `vulnerable_code_cannot_be_controlled_by_adversary` or `inline_mitigations_already_exist`. Required for it, unless `statement` says why.
   */
  justification?: Input<string> | undefined;
  /** In words: why it is not affected, or what to do. Required for `affected`. */
  statement?: Input<string> | undefined;
  /** The last day, in UTC, on which it holds: `2026-12-31`. Afterwards it is left out, with a notice. Default: it holds until you remove it. */
  until?: Input<string> | undefined;
}
