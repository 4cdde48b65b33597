import { hasDirective, terminalText, withoutDirectives } from "../text/terminal-text.js";
import { isSecretEnvelope, secretEnvelope } from "./wire.js";

type Properties = Readonly<Record<string, unknown>>;

/**
 * Derived outputs in a form that the CLI can show. It quotes values and escapes control characters in them, but interprets its own
 * directives.
 */
export function showable(outputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      // Compared with state as it is, so it must not change.
      if (name === "resolution") return [name, hideDirectives(value)];
      // Texts of the image, which users recognize by their exact spelling.
      return [name, convert(value, name === "config" ? withoutDirectives : terminalText)];
    }),
  );
}

/** The CLI does not quote keys, so they are always escaped for a terminal. */
function convert(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item) => convert(item, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [terminalText(key), convert(item, text)]));
}

/** For values that must not change: those that contain a directive become secrets, which the CLI does not show. */
export function hideDirectives<T>(value: T): T {
  return hide(value) as T;
}

function hide(value: unknown): unknown {
  if (typeof value === "string") return hasDirective(value) ? secretEnvelope(value) : value;
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value !== "object" || value === null || isSecretEnvelope(value)) return value;
  if (Object.keys(value).some(hasDirective)) return secretEnvelope(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item)]));
}
