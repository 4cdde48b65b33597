import { quote } from "../../provider/text/redaction.js";

/** Writes one line for one event. */
export type Log = (text: string) => void;

/** Lines with the time in front. No line has a secret, a control character or more than some hundred characters. */
export function logTo(write: (line: string) => unknown, now: () => number): Log {
  return (text) => write(`${new Date(now()).toISOString()} ${quote(text)}\n`);
}
