import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { parseInstalled, type InstalledPackage } from "../../../provider/packages/apk/install/installed-database.js";
import { parseScripts } from "../../../provider/packages/apk/formats/scripts-archive.js";
import { parseTriggers } from "../../../provider/packages/apk/install/triggers.js";
import type { OwnEntry, OwnPackage } from "./own-packages.js";
import { field } from "./repository.js";

/** Installed packages of a root as packages again: what the fixtures' archive lacks of the root filesystem. */
export function repack(root: string, names: readonly string[]): readonly OwnPackage[] {
  const database = join(root, "lib/apk/db");
  const scripts = parseScripts(readFileSync(join(database, "scripts.tar")));
  const triggers = parseTriggers(readFileSync(join(database, "triggers"), "latin1"));
  const installed = parseInstalled(readFileSync(join(database, "installed"), "latin1"));
  return installed
    .filter(({ name }) => names.includes(name))
    .map((one) => {
      const { name, version, head, checksum } = one;
      const patterns = triggers.find((trigger) => trigger.checksum === checksum)?.patterns ?? [];
      const letters = ["T", "U", "L", "o", "m", "t", "c", "k", "D", "p", "i"];
      return {
        name,
        version,
        architecture: field(head, "A"),
        entries: entriesOf(root, one),
        scripts: Object.fromEntries(
          scripts.filter((script) => script.checksum === checksum).map(({ kind, text }) => [kind, text.toString("latin1")]),
        ),
        info: [
          ...field(head, "r")
            .split(" ")
            .flatMap((word) => (word === "" ? [] : [`replaces = ${word}\n`])),
          ...(patterns.length === 0 ? [] : [`triggers = ${patterns.join(" ")}\n`]),
        ].join(""),
        fields: Object.fromEntries(letters.flatMap((letter) => (field(head, letter) === "" ? [] : [[letter, field(head, letter)]]))),
      };
    });
}

function entriesOf(root: string, { directories }: InstalledPackage): Readonly<Record<string, OwnEntry>> {
  const entries: Record<string, OwnEntry> = {};
  for (const { path, attributes, files } of directories) {
    if (path !== "") entries[`${path}/`] = { mode: modeIn(attributes, 0o755) };
    for (const file of files) {
      const name = path === "" ? file.name : `${path}/${file.name}`;
      const found = lstatSync(join(root, name));
      if (found.isSymbolicLink()) entries[name] = { target: readlinkSync(join(root, name)) };
      else entries[name] = { mode: modeIn(file.attributes, 0o644), content: readFileSync(join(root, name)) };
    }
  }
  return entries;
}

function modeIn(attributes: string | undefined, usual: number): number {
  return attributes === undefined ? usual : parseInt(attributes.split(":")[2] ?? "", 8);
}
