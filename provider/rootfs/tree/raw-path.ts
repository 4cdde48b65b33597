import { DhiError } from "../../errors.js";
import type { RawPath } from "./node.js";

/** A part that is empty, `.` or `..`: most names have none and need no normalization. */
const oddPart = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** One UTF-8 character whose bytes are written as latin1, or else any single byte (RFC 3629, section 4). */
const utf8Character =
  /[^\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/**
 * The bytes of a path that a user wrote. Leading `/` and `./`, doubled and trailing slashes are removed; `/` is the root, "".
 * Throws `DhiError` "invalid" for an empty text, `..`, NUL and lone surrogates.
 */
export function toRawPath(text: string): RawPath {
  if (text === "") throw new DhiError("invalid", "a path is empty", { hint: "Write / for the root" });
  if (/\p{Surrogate}/u.test(text)) throw new DhiError("invalid", `the path ${JSON.stringify(text)} is not valid Unicode`);
  return fromTarName(Buffer.from(text, "utf8").toString("latin1"));
}

/** Normalizes the name of a tar entry (latin1, one character a byte). Throws `DhiError` "invalid" for `..` and NUL. */
export function fromTarName(name: string): RawPath {
  if (name.includes("\0")) throw new DhiError("invalid", `the path ${displayPath(name)} contains a NUL byte`);
  if (!oddPart.test(name)) return name;
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw new DhiError("invalid", `the path ${displayPath(name)} contains ".."`, { hint: "Write the resulting path itself" });
  }
  return parts.join("/");
}

/** For display: `/usr/bin/x`, with control characters and bytes that are not UTF-8 escaped. */
export function displayPath(raw: RawPath): string {
  const text = raw.replace(utf8Character, (character) => {
    if (character.length === 1 && character >= "\x80") return escaped(character);
    return Buffer.from(character, "latin1")
      .toString("utf8")
      .replace(/\p{C}|\p{Zl}|\p{Zp}/u, escaped);
  });
  return text.startsWith("/") ? text : `/${text}`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** The directory that contains `path`; the root is its own parent. */
export function parentOf(path: RawPath): RawPath {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The last part of `path`; "" for the root. */
export function baseNameOf(path: RawPath): RawPath {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `name`, one part or several, below `directory`; either may be the root. */
export function joinRaw(directory: RawPath, name: RawPath): RawPath {
  if (directory === "") return name;
  return name === "" ? directory : `${directory}/${name}`;
}
