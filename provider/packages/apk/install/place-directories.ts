import type { RawPath } from "../../../rootfs/tree/node.js";
import { parentOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { InstalledState } from "./installed-state.js";

/**
 * Owners and modes of directories as apk 2.14 decides them: one that is new, or still as its packages said, gets the attributes that
 * all of its packages now say, once everything is installed; any other was changed on purpose and is left alone.
 */
export class PackageDirectories {
  readonly #editor: RootEditor;
  readonly #state: InstalledState;
  /** Directories that were seen, and whether apk may change them. */
  readonly #seen = new Map<RawPath, boolean>();
  readonly #modified = new Set<RawPath>();

  constructor(editor: RootEditor, state: InstalledState) {
    this.#editor = editor;
    this.#state = state;
  }

  /** Called before a new package gets the directory, or an installed one loses it. */
  prepare(path: RawPath): void {
    if (path === "" || this.#seen.has(path)) return;
    const found = this.#editor.ownNode(path);
    const expected = this.#state.attributesOf(path);
    const { mode, uid, gid } = expected ?? {};
    this.#seen.set(path, found === undefined || (found.mode === mode && found.uid === uid && found.gid === gid));
  }

  /** Directories whose content changed: the arguments of triggers. */
  touch(path: RawPath): void {
    this.#modified.add(path);
  }

  get modified(): ReadonlySet<RawPath> {
    return this.#modified;
  }

  /** Removes a directory that no package has any more, if it is empty; its parents too. */
  release(path: RawPath): void {
    for (let at = path; at !== "" && !this.#state.isInUse(at); at = parentOf(at)) {
      // A directory that is not empty stays, unowned, and is left alone even when another package gets it.
      this.#seen.delete(at);
      const real = this.#editor.tree.follow(at);
      if (this.#editor.ownNode(at)?.type !== "directory" || real === undefined || this.#editor.tree.hasChildren(real)) return;
      this.#editor.remove(at);
      this.touch(at);
    }
  }

  finish(): void {
    for (const [path, isOurs] of this.#seen) {
      const wanted = this.#state.attributesOf(path);
      if (isOurs && wanted !== undefined && this.#editor.ownNode(path)?.type === "directory") this.#editor.change(path, wanted);
    }
  }
}
