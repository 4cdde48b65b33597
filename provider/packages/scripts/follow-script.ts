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
 * Follows a script in a root, within what all scripts of the installation may cost. The host is told of what is not reproduced, and of
 * what follows where it was not followed to its end: nothing that a script holds is an error of ours.
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
