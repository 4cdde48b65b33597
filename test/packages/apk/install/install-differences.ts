import { parseScripts } from "../../../../provider/packages/apk/formats/scripts-archive.js";

/** Where an image made by pulumi-dhi differs from what apk leaves behind, and why. */
export interface Difference {
  /** Of the path, from the root without a leading slash. */
  readonly path: RegExp;
  readonly cause: string;
  readonly choice: string;
  /** For a file that both have: what must be equal all the same. Without it the file may be anything. */
  readonly alike?: (text: string) => string;
}

export const differences: readonly Difference[] = [
  {
    path: /^etc\/shadow$/,
    cause: "adduser notes the day on which an account was made",
    choice: "No day: the image would be a different one each day",
    alike: (text) => text.replace(/^([^:]+:!:)[0-9]*:/gm, "$1:"),
  },
  {
    path: /^etc\/(?:group|passwd|shadow)-$/,
    cause: "adduser keeps the files before its last step",
    choice: "The base's files stay",
  },
  {
    path: /^lib\/apk\/db\/installed$/,
    cause: "apk 2.14 writes the `r:` of a package without files after the head of the next one",
    choice: "It is written with its own package",
    alike: (text) => text.replace(/^r:udev(?: udev)*\n/gm, ""),
  },
  {
    path: /^lib\/apk\/db\/scripts\.tar$/,
    cause: "apk writes it again, in its own order, even if everything that is asked for is installed already",
    choice: "Nothing is written if nothing changes",
    alike: (text) =>
      parseScripts(Buffer.from(text, "latin1"))
        .map(({ blocks }) => blocks.toString("latin1"))
        .sort()
        .join(""),
  },
];
