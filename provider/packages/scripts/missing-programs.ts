/** Characters of a name that are shown. */
const MAX_NAME = 200;

/** Names of programs for a sentence, each once, at most six. */
export function programsOf(commands: readonly string[]): string {
  const names = [
    ...new Set(
      commands.map((command) =>
        shorten(/^(?:what follows|writing |a command$)/.test(command) ? command : (command.split(" ", 1)[0] ?? command)),
      ),
    ),
  ];
  const shown = names.slice(0, 6).join(", ");
  return names.length > 6 ? `${shown} and ${String(names.length - 6)} more` : shown;
}

/** Names come from scripts, and may have any length. */
function shorten(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}
