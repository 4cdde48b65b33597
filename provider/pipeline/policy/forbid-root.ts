import type { ImageConfig } from "../../image/config.js";
import { findUid } from "../plan/accounts.js";
import type { PlatformFacts } from "./platform-facts.js";
import type { Violation } from "./violation.js";

const hint = "Set runAs to another user";

/** The user that a container runs as (OCI image spec, config.md, "User"): none means root. */
export function judgeRoot({ after, tree }: Pick<PlatformFacts, "after" | "tree">): readonly Violation[] {
  const user = userOf(after);
  if (user === "") return [{ rule: "forbidRoot", message: "the image runs as root: it has no user", hint }];
  const uid = isNamed(user) ? findUid(tree, user) : Number(user);
  if (user !== "root" && uid !== 0) return [];
  const what = user === "root" || !isNamed(user) ? "" : ", whose uid is 0";
  return [{ rule: "forbidRoot", message: `the image runs as root: its user is ${JSON.stringify(user)}${what}`, hint }];
}

/** Whether only the account files say who the user is. */
export function hasNamedUser(config: ImageConfig): boolean {
  return isNamed(userOf(config));
}

function userOf({ execution }: ImageConfig): string {
  const user = execution["User"];
  return typeof user === "string" ? (user.split(":", 1)[0] ?? "") : "";
}

function isNamed(user: string): boolean {
  return user !== "" && !/^\d+$/.test(user);
}
