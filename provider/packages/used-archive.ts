import { z } from "zod";
import { listOf, orAbsent, present, type Immutable } from "../image/lenient.js";
import { digestSchema } from "../image/digest.js";

/** Who named an archive: `base` is the image, which is trusted for nothing; the others are the user or their machine, and Debian and Alpine themselves. */
const sourceOrigin = z.enum(["packageSources", "stack config", "base", "machine", "public"]);

export type SourceOrigin = z.output<typeof sourceOrigin>;

/** An archive as it was used: what preview shows, and what "nothing changed" compares. As it stands in state. */
export const usedArchiveSchema = z
  .object({
    /** Whose it is, as `debian:bookworm`, where stack config could have named another one. */
    distribution: orAbsent(z.string()),
    /** Of what stack config said for the distribution (`Families.settingsOf`). */
    settings: orAbsent(z.string()),
    // State of 0.1 knew Debian alone.
    family: z.enum(["debian", "alpine"]).catch("debian"),
    /** Without credentials. */
    url: z.string(),
    /** "" for Alpine, whose `url` is the folder of one architecture. */
    suite: z.string(),
    components: listOf(z.string()),
    origin: sourceOrigin,
    /** Of the release file as it was served (Debian), of the package index's signature, or of an unsigned index (Alpine). */
    digest: digestSchema,
    /** When it was made, as it says itself: ISO 8601. Undefined where it does not. */
    date: orAbsent(z.string()),
  })
  .transform(present);

export type UsedArchive = Immutable<z.output<typeof usedArchiveSchema>>;
