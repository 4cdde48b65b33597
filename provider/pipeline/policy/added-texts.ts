import type { Shown } from "../../image/config-fields.js";
import { configTable } from "../../image/config-table.js";
import type { ImageConfig } from "../../image/config.js";
import { formatPath, ownValue } from "../../values.js";
import type { PlatformFacts } from "./platform-facts.js";

/** A text of the config or the annotations that the base does not have, and what declares it: `environment.TOKEN`. */
interface AddedText {
  readonly place: string;
  readonly text: string;
}

export function addedTexts({
  before,
  after,
  ownAnnotations,
}: Pick<PlatformFacts, "before" | "after" | "ownAnnotations">): readonly AddedText[] {
  const fields = configTable.flatMap(({ input, field, form }): readonly AddedText[] => {
    const shown = (config: ImageConfig | undefined): Shown | undefined => {
      const json = form.shape.parse(config?.execution[field]);
      return json === undefined ? undefined : form.show(json);
    };
    return textsOf(input, shown(before), shown(after));
  });
  return [...fields, ...textsOf("annotations", undefined, ownAnnotations)];
}

/** Of a map each value with its name, by which some patterns go. */
function textsOf(place: string, before: Shown | undefined, after: Shown | undefined): readonly AddedText[] {
  if (after === undefined) return [];
  if (isText(after)) return before === after ? [] : [{ place, text: after }];
  if (isTexts(after)) {
    const known = new Set(isTexts(before) ? before : []);
    return [{ place, text: after.filter((one) => !known.has(one)).join(" ") }];
  }
  const old = before === undefined || isText(before) || isTexts(before) ? {} : before;
  return Object.entries(after)
    .filter(([name, value]) => ownValue(old, name) !== value)
    .map(([name, value]) => ({ place: formatPath([place, name]), text: `${name}=${value}` }));
}

function isText(shown: Shown | undefined): shown is string {
  return typeof shown === "string";
}

function isTexts(shown: Shown | undefined): shown is readonly string[] {
  return Array.isArray(shown);
}
