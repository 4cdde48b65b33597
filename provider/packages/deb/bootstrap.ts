import type { RootEditor } from "../root-editor.js";
import type { IncomingPackage } from "./place-package.js";

/** Placeholder: replaced below. */
export function bootstrapRoot(editor: RootEditor, incoming: readonly IncomingPackage[]): void {
  void editor;
  void incoming;
}
