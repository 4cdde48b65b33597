import type { Session } from "../session.js";
import type { ImageSpec } from "./image-spec.js";

/** Whether anything is stated about an image: where it is signed, or where `vex` is declared. */
export function isAttested({ settings }: Pick<Session, "settings">, { inputs }: ImageSpec): boolean {
  return inputs.sign !== undefined || settings.sign !== undefined || inputs.vex !== undefined;
}
