import { hasDirective, terminalText, withoutDirectives } from "../text/terminal-text.js";
import { isSecretEnvelope, secretEnvelope } from "./wire.js";

type Properties = Readonly<Record<string, unknown>>;

/** Derived outputs as the CLI can show them. It quotes values, and escapes control characters then, but obeys its own directives in them. */
export function showable(outputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      // State is read again by what it says.
      if (name === "resolution") return [name, hideDirectives(value)];
      // Texts of the image, which people know by how they are written.
      return [name, convert(value, name === "config" ? withoutDirectives : terminalText)];
    }),
  );
}

/** Keys are not quoted. */
function convert(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((item) => convert(item, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [terminalText(key), convert(item, text)]));
}

/** Values that must stay as they are, with those that the CLI would obey as secrets, which it does not show. */
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
