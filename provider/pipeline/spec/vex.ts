import { z } from "zod";
import { parsePurl } from "../../attestation/parse-purl.js";
import { vexJustifications, vexStatuses } from "../../attestation/vex/claim.js";
import type { DeclaredVexPackage } from "../../attestation/vex/declared.js";
import { DhiError } from "../../errors.js";
import { parsePackage } from "../../packages/declared.js";
import { list, object, parsed, text } from "./schema.js";
import { parseVexSource } from "./vex-source.js";

const DAY = 86_400_000;

const vulnerability = text("the name of a vulnerability such as CVE-2026-1234").regex(/^[A-Za-z0-9][\w.:/-]{0,199}$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not the name of a vulnerability. Give one such as CVE-2026-1234`,
});

const status = z.enum(vexStatuses, {
  error: ({ input }) => `${shown(input)} is not a status. Give ${oneOf(["not_affected", "fixed", "affected", "under_investigation"])}`,
});

const justification = z.enum(vexJustifications, {
  error: ({ input }) => `${shown(input)} is not a justification. Give ${oneOf(vexJustifications)}`,
});

const statement = object({
  vulnerability,
  package: parsed("the name of a package, name=version, or a package URL", parseVexPackage).optional(),
  status,
  justification: justification.optional(),
  statement: text("what a reader should know").trim().min(1, { error: "is empty. Say something, or remove it" }).optional(),
  until: parsed("a day such as 2026-12-31", parseDay).optional(),
}).superRefine(({ status: claimed, justification: why, statement: words }, context) => {
  const refuse = (path: string, message: string): void => {
    context.addIssue({ code: "custom", path: [path], message });
  };
  // OpenVEX 0.2.0, "Status Labels".
  if (claimed === "not_affected" && why === undefined && words === undefined)
    refuse(
      "status",
      `is not_affected, for which OpenVEX wants a reason. Give a justification (${vexJustifications.join(", ")}) or a statement`,
    );
  if (claimed === "affected" && words === undefined)
    refuse("status", "is affected, for which OpenVEX wants to know what to do about it. Give a statement");
  if (claimed !== "not_affected" && why !== undefined)
    refuse("justification", `is only for not_affected, and the status is ${claimed}. Remove it`);
});

/** `VexArgs` of the sdk. */
export const vex = object({
  source: parsed("a file, a URL with #sha256=…, or a feed", parseVexSource).optional(),
  statements: list(statement, "statements")
    .superRefine((statements, context) => {
      const seen = new Map<string, number>();
      for (const [at, { vulnerability: name, package: of }] of statements.entries()) {
        const key = JSON.stringify([name, of]);
        const first = seen.get(key);
        if (first === undefined) seen.set(key, at);
        else
          context.addIssue({
            code: "custom",
            path: [at],
            message: `is about the same as statements[${String(first)}]. Remove one of them`,
          });
      }
    })
    .optional(),
});

export type VexInput = z.output<typeof vex>;

function parseVexPackage(value: string): DeclaredVexPackage {
  if (value.startsWith("pkg:")) {
    if (parsePurl(value)?.version !== undefined) return { purl: value };
    throw new DhiError("invalid", `"${value}" is not a package URL with a version`, {
      hint: "Write one such as pkg:golang/example.com/mod@v1.2.3: without a version it would hold for every later one",
    });
  }
  const { name, version, forbidden, tag } = parsePackage(value);
  if (!forbidden && tag === undefined && version?.startsWith("~") !== true) return { name, version };
  throw new DhiError("invalid", `"${value}" is not the name of a package of the image`, { hint: "Write name, or name=version" });
}

/** The end of a day in UTC. */
function parseDay(value: string): number {
  const start = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  // JavaScript takes the 30th of February for the 2nd of March.
  if (!Number.isNaN(start) && new Date(start).toISOString().startsWith(value)) return start + DAY;
  throw new DhiError("invalid", `"${value}" is not a day`, { hint: "Write one such as 2026-12-31, up to whose end (in UTC) it holds" });
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : value === undefined ? "nothing" : "something else than a text";
}

function oneOf(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(", ");
}
