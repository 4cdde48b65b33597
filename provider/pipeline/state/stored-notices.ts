import { isList, isMap, type ValueMap } from "../../values.js";

/** A notice as state has it; an earlier or later release may know other kinds. */
export interface StoredNotice {
  readonly kind: string;
  readonly message: string;
  readonly platform?: string | undefined;
}

/** The notices among outputs; what is not one is left out. */
export function storedNotices({ notices }: ValueMap): readonly StoredNotice[] {
  return (isList(notices) ? notices : []).flatMap((value) => {
    if (!isMap(value)) return [];
    const { kind, message, platform } = value;
    if (typeof kind !== "string" || typeof message !== "string") return [];
    return [{ kind, message, platform: typeof platform === "string" ? platform : undefined }];
  });
}
