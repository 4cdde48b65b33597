import type { RootEditor } from "../../root/root-editor.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";

const kinds = {
  mod: { folder: "mods", state: "module", suffixes: [".load", ".conf"] },
  conf: { folder: "conf", state: "conf", suffixes: [".conf"] },
  site: { folder: "sites", state: "site", suffixes: [".conf"] },
} as const;

/** a2enmod(8), a2enconf(8) and a2ensite(8): links into the `-enabled` directories, a module's dependencies first, and a record of who enabled it. */
export function apacheCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  const enable = (kind: keyof typeof kinds, name: string, by: string, above: readonly string[]): boolean => {
    const { folder, state, suffixes } = kinds[kind];
    const [main] = suffixes;
    const available = `etc/apache2/${folder}-available/${name}`;
    if (editor.node(`${available}${main}`) === undefined) return false;
    const [, needs = ""] = /^# Depends:(.*)$/m.exec(editor.text(`${available}${main}`) ?? "") ?? [];
    for (const need of needs.split(/\s+/)) {
      if (need !== "" && !above.includes(need) && !enable(kind, need, by, [...above, name])) return false;
    }
    const isEnabled = editor.ownNode(`etc/apache2/${folder}-enabled/${name}${main}`) !== undefined;
    for (const suffix of suffixes) {
      if (editor.node(`${available}${suffix}`) === undefined) continue;
      const link = `etc/apache2/${folder}-enabled/${name}${suffix}`;
      if (editor.ownNode(link) === undefined) editor.link(link, `../${folder}-available/${name}${suffix}`);
    }
    if (!isEnabled) editor.write(`var/lib/apache2/${state}/enabled_by_${by}/${name}`, "");
    return true;
  };
  const command =
    (kind: keyof typeof kinds): CommandModel =>
    (args) => {
      if (editor.node(`usr/sbin/a2en${kind}`) === undefined) return failed;
      const by = args.some((arg) => /^-(?:m|-maintmode)$/.test(arg)) ? "maint" : "admin";
      const names = args.filter((arg) => !arg.startsWith("-"));
      return names.map((name) => enable(kind, name, by, [])).includes(false) ? failed : done;
    };
  return { a2enmod: command("mod"), a2enconf: command("conf"), a2ensite: command("site") };
}
