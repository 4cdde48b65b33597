import { fieldOf, parseParagraphs, type Paragraph } from "../formats/control.js";
import { isNo, isReadable, signedByWords, type SignedBy, type SourceEntry } from "./entry.js";

/** The `deb` entries of a `.sources` file (sources.list(5), "DEB822-STYLE FORMAT"). `what` names the file. Throws `DhiError` "invalid". */
export function parseDeb822Sources(text: string, what: string): readonly SourceEntry[] {
  return parseParagraphs(text.replaceAll("\r\n", "\n"), what).flatMap((paragraph) => entriesOf(paragraph));
}

function entriesOf(paragraph: Paragraph): readonly SourceEntry[] {
  const words = (name: string): readonly string[] => (fieldOf(paragraph, name) ?? "").split(/\s+/).filter((word) => word !== "");
  if (isNo(fieldOf(paragraph, "Enabled") ?? "")) return [];
  if (!words("Types").includes("deb")) return [];
  const suites = words("Suites");
  const architectures = words("Architectures");
  const signed = fieldOf(paragraph, "Signed-By");
  return words("URIs")
    .map((url): SourceEntry => ({
      url,
      suites,
      components: words("Components"),
      architectures: architectures.length === 0 ? undefined : architectures,
      signedBy: signed === undefined ? undefined : parseSignedBy(signed),
      allowExpired: isNo(fieldOf(paragraph, "Check-Valid-Until") ?? ""),
    }))
    .filter(isReadable);
}

function parseSignedBy(value: string): SignedBy {
  if (!value.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return signedByWords(value.split(/[\s,]+/));
  const lines = value.split("\n").map((line) => (line.trim() === "." ? "" : line.trim()));
  return { paths: [], fingerprints: [], inline: `${lines.join("\n").trim()}\n` };
}
