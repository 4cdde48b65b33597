/** Kinds of packages that a hardened image should not have. */
export type ToolKind = "shell" | "interpreter" | "package manager";

export type ToolTable = readonly { readonly kind: ToolKind; readonly names: RegExp }[];

/** With its article, for messages. */
export function nameTool(kind: ToolKind): string {
  return kind === "interpreter" ? `an ${kind}` : `a ${kind}`;
}
