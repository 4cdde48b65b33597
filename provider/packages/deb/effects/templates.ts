import type { CommandModel } from "../../scripts/script-host.js";

/** debconf's commands in noninteractive mode: `db_get` returns the default of the package's templates (debconf-devel(7)). */
export function readTemplates(text: string): Readonly<Record<string, CommandModel>> {
  const defaults = new Map(
    text.split(/\n\s*\n/).flatMap((block) => {
      const name = /^Template:\s*(\S+)/m.exec(block)?.[1];
      return name === undefined ? [] : [[name, (/^Default:(.*)$/m.exec(block)?.[1] ?? "").trimStart()] as const];
    }),
  );
  const quiet: CommandModel = () => ({ status: 0 });
  return {
    db_get: ([name = ""]) => {
      const value = defaults.get(name);
      return value === undefined ? { status: undefined, output: undefined } : { status: 0, output: value };
    },
    // No question is shown: 30 is "question skipped".
    db_input: () => ({ status: 30 }),
    ...Object.fromEntries(
      [
        "version",
        "capb",
        "title",
        "settitle",
        "go",
        "stop",
        "fset",
        "set",
        "subst",
        "reset",
        "unregister",
        "purge",
        "info",
        "beginblock",
        "endblock",
      ].map((name) => [`db_${name}`, quiet]),
    ),
  };
}
