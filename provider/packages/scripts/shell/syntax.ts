/** The syntax tree of a shell script (POSIX, Shell Command Language), as far as maintainer scripts need it. */
export type ShellList = readonly ShellCommand[];

export type WordPart =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly operator?: string; readonly operand?: ShellWord; readonly quoted: boolean }
  /** `$(…)` and backquotes. */
  | { readonly kind: "command"; readonly source: string; readonly quoted: boolean }
  /** `$((…))`. */
  | { readonly kind: "arithmetic"; readonly source: string; readonly quoted: boolean }
  /** An expansion without a known value. */
  | { readonly kind: "unknown" };

export type ShellWord = readonly WordPart[];

export interface Redirection {
  /** `>`, `>>`, `<`, `<<`, `>&`, `<&`. */
  readonly operator: string;
  readonly descriptor: number | undefined;
  /** The file; for `<<` the text. */
  readonly target: ShellWord;
}

interface Redirected {
  readonly redirections: readonly Redirection[];
}

export type ShellCommand =
  | (Redirected & {
      readonly kind: "simple";
      readonly assignments: readonly (readonly [name: string, value: ShellWord])[];
      readonly words: readonly ShellWord[];
    })
  | (Redirected & {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: ShellList; readonly body: ShellList }[];
      readonly otherwise: ShellList;
    })
  | (Redirected & {
      readonly kind: "case";
      readonly word: ShellWord;
      readonly arms: readonly { readonly patterns: readonly ShellWord[]; readonly body: ShellList }[];
    })
  | (Redirected & {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly ShellWord[] | undefined;
      readonly body: ShellList;
    })
  | (Redirected & { readonly kind: "loop"; readonly until: boolean; readonly condition: ShellList; readonly body: ShellList })
  | (Redirected & { readonly kind: "group"; readonly body: ShellList; readonly subshell: boolean })
  | { readonly kind: "function"; readonly name: string; readonly body: ShellCommand }
  | { readonly kind: "pipeline"; readonly commands: ShellList; readonly negated: boolean }
  | {
      readonly kind: "chain";
      readonly first: ShellCommand;
      readonly rest: readonly { readonly operator: "&&" | "||"; readonly command: ShellCommand }[];
    };

/** Every simple command inside, in all branches; without bodies of functions and substitutions. */
export function* commandsIn(list: ShellList): Generator<Extract<ShellCommand, { kind: "simple" }>> {
  for (const command of list) {
    switch (command.kind) {
      case "simple":
        yield command;
        break;
      case "if":
        for (const { condition, body } of command.branches) yield* commandsIn([...condition, ...body]);
        yield* commandsIn(command.otherwise);
        break;
      case "case":
        for (const { body } of command.arms) yield* commandsIn(body);
        break;
      case "for":
      case "group":
        yield* commandsIn(command.body);
        break;
      case "loop":
        yield* commandsIn([...command.condition, ...command.body]);
        break;
      case "function":
        break;
      case "pipeline":
        yield* commandsIn(command.commands);
        break;
      case "chain":
        yield* commandsIn([command.first, ...command.rest.map((part) => part.command)]);
        break;
    }
  }
}
