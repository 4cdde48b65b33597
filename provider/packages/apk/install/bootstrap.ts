import type { RawPath } from "../../../rootfs/tree/node.js";
import { joinRaw, parentOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";

/**
 * What `apk add --initdb` leaves in an empty root before the first package, except for devices: an image has none. Directories that
 * packages have too get the attributes that the packages say.
 */
export function bootstrapRoot(editor: RootEditor, folder: RawPath, architecture: string): void {
  editor.makeDirectory("tmp", { mode: 0o1777 });
  editor.makeDirectory("dev");
  editor.makeDirectory("proc", { mode: 0o555 });
  editor.makeDirectory("etc/apk");
  editor.makeDirectory("var/cache/apk");
  editor.makeDirectory(folder);
  editor.makeDirectory(joinRaw(parentOf(folder), "exec"), { mode: 0o700 });
  editor.write("etc/apk/arch", `${architecture}\n`);
  editor.write("etc/apk/world", "");
  editor.write(joinRaw(folder, "lock"), "", { mode: 0o600 });
}
