/** Names of programs for a sentence, each once, at most six. */
export function programsOf(commands: readonly string[]): string {
  const names = [
    ...new Set(
      commands.map((command) => (/^(?:what follows|writing |a command$)/.test(command) ? command : (command.split(" ")[0] ?? command))),
    ),
  ];
  const shown = names.slice(0, 6).join(", ");
  return names.length > 6 ? `${shown} and ${String(names.length - 6)} more` : shown;
}
