import { configTable, rewrittenRows, type ConfigInputs } from "./config-table.js";
import type { ImageConfig } from "./config.js";

/** Applies the declared inputs. Fields without a row keep their value and position. */
export function editConfig(base: ImageConfig, inputs: ConfigInputs): ImageConfig {
  const declaredOf = new Map<string, unknown>(Object.entries(inputs));
  const edited = configTable.flatMap((row): readonly [string, unknown][] => {
    const { input, field, form } = row;
    const declared = declaredOf.get(input);
    if (declared === undefined && !rewrittenRows.has(row)) return [];
    const before = form.shape.parse(base.execution[field]);
    const after = declared === undefined ? before : form.shape.parse(row.edit(before, declared));
    return after === undefined ? [] : [[field, after]];
  });
  const replaced = new Set([...rewrittenRows].map(({ field }) => field));
  const kept = Object.entries(base.execution).filter(([field]) => !replaced.has(field));
  return { ...base, execution: Object.fromEntries([...kept, ...edited]) };
}
