import { appendFileSync } from "node:fs";
import { terminalText } from "../text/terminal-text.js";
import { redactUrl } from "./redact.js";

export interface LoggedRequest {
  readonly method: string;
  readonly url: URL;
  /** The status, or a word that says why there is none. */
  readonly outcome: number | string;
  readonly sent: number;
  readonly received: number;
  readonly milliseconds: number;
}

/** `2026-01-02T03:04:05.678Z GET https://host/path 200 sent=0 received=12 ms=3` */
export function formatLogLine(entry: LoggedRequest, at: Date): string {
  const figures = `sent=${entry.sent} received=${entry.received} ms=${Math.round(entry.milliseconds)}`;
  return `${terminalText(`${at.toISOString()} ${entry.method} ${redactUrl(entry.url)} ${entry.outcome} ${figures}`)}\n`;
}

/** Appends to the file that `DHI_LOG` names; does nothing when it is not set. A log that cannot be written never fails the operation. */
export function logRequest(file: string | undefined, entry: LoggedRequest): void {
  if (file === undefined || file === "") return;
  try {
    appendFileSync(file, formatLogLine(entry, new Date()), { mode: 0o600 });
  } catch {
    // A request does not fail because it cannot be logged.
  }
}
