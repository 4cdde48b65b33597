import type { Shown } from "../../image/config-fields.js";
import { configTable } from "../../image/config-table.js";
import type { ImageConfig } from "../../image/config.js";
import { compareBytes } from "../../image/json.js";
import { equalValues, isMap, ownValue, type Value, type ValueMap } from "../../values.js";

/** The config fields that the customization changes, with their values in the base and in the image. */
export function configChanges(before: ImageConfig | undefined, after: ImageConfig): ValueMap {
  const changes = configTable.flatMap(({ input, output = input, field, form }): readonly [string, Value][] => {
    const shown = (config: ImageConfig | undefined): Shown | undefined => {
      const json = form.shape.parse(config?.execution[field]);
      return json === undefined ? undefined : form.show(json);
    };
    const [base, image] = [shown(before), shown(after)];
    if (equalValues(base, image)) return [];
    return [[output, form.isMap === true ? mapChanges(base, image) : change(base, image)]];
  });
  return Object.fromEntries(changes);
}

function mapChanges(base: Value | undefined, image: Value | undefined): ValueMap {
  const [before, after] = [isMap(base) ? base : {}, isMap(image) ? image : {}];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareBytes);
  const pairs = names.map((name) => [name, ownValue(before, name), ownValue(after, name)] as const);
  return Object.fromEntries(pairs.filter(([, old, now]) => old !== now).map(([name, old, now]) => [name, change(old, now)]));
}

function change(base: Value | undefined, image: Value | undefined): ValueMap {
  return { ...(base === undefined ? {} : { base }), ...(image === undefined ? {} : { image }) };
}
