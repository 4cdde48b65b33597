import { addMembers, appendLines } from "../../rootfs/accounts/account-files.js";
import type { RootEditor } from "../root/root-editor.js";

const files = { passwd: "etc/passwd", group: "etc/group", shadow: "etc/shadow", gshadow: "etc/gshadow" } as const;
type AccountFile = keyof typeof files;

/** The files of a root that hold its users and groups. */
export class AccountTexts {
  readonly #editor: RootEditor;

  constructor(editor: RootEditor) {
    this.#editor = editor;
  }

  text(file: AccountFile): string {
    return this.#editor.text(files[file]) ?? "";
  }

  /** A root without shadow passwords stays one. */
  append(file: AccountFile, line: string): void {
    const text = this.#editor.text(files[file]);
    if (text === undefined && (file === "shadow" || file === "gshadow")) return;
    this.#editor.write(files[file], appendLines(text ?? "", [line]));
  }

  addMember(group: string, user: string): void {
    for (const file of ["group", "gshadow"] as const) {
      const text = this.#editor.text(files[file]);
      if (text !== undefined) this.#editor.write(files[file], addMembers(text, group, [user]));
    }
  }
}
