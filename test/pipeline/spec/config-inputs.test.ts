import { contentShape } from "../../../provider/pipeline/spec/image-inputs.js";
import { table } from "./schema-table.js";

const noSignal = /is not a signal\. Give a name such as SIGTERM or SIGRTMIN\+3, or a number from "1" to "64"$/;

table(
  "stopSignal",
  contentShape.stopSignal,
  ["SIGTERM", "SIGKILL", "SIGUSR1", "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+15", "SIGRTMAX-1", "SIGRTMAX-14", "SIGRTMAX", "1", "15", "64"].map(
    (name) => [name, name],
  ),
  [
    ...["", "TERM", "sigterm", "SIGNONE", " SIGTERM", "SIGTERM\n", "0", "65", "015", "-1", "1.5"].map(
      (value) => [value, noSignal] as const,
    ),
    ...["SIGRTMIN+0", "SIGRTMIN+16", "SIGRTMIN3", "SIGRTMAX-0", "SIGRTMAX-15", "SIGRTMAX+1"].map((value) => [value, noSignal] as const),
    [15, /^15 is no string\. Give a signal such as SIGTERM$/],
    [null, /is no string/],
  ],
);
