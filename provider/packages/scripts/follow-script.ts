import { DhiError } from "../../errors.js";
import type { RootEditor } from "../root/root-editor.js";
import { removeTemporaryFiles } from "./commands/plain-commands.js";
import type { ScriptHost } from "./script-host.js";
import type { ScriptWork } from "./script-work.js";
import { ShellReader } from "./shell/reader.js";

export interface CalledScript {
  readonly text: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Follows a script in a root, within the limit for all scripts of the installation. What is not reproduced is reported to the host, and
 * "what follows" where the script was not followed to its end: no content of a script fails the operation.
 */
export function followScript(editor: RootEditor, host: ScriptHost, { text, args, variables }: CalledScript, all: ScriptWork): void {
  const work = all.forScript();
  editor.work = work;
  try {
    new ShellReader(host, args, variables, work).read(text);
  } catch (thrown) {
    host.unread(`what follows (${thrown instanceof DhiError ? thrown.message : "it is not understood"})`);
  } finally {
    editor.work = undefined;
    removeTemporaryFiles(editor);
  }
}
