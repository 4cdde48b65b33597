/** Where we do not answer as `apt-get -s install --no-install-recommends` does, and why. At most ten; one that is not here fails. */
interface AptDifference {
  /** Of the names that were asked for. */
  readonly asked: RegExp;
  readonly cause: string;
  readonly choice: string;
}

export const aptDifferences: readonly AptDifference[] = [];
