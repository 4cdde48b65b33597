import { vexJustifications, vexStatuses } from "../../../provider/attestation/vex/claim.js";
import { isObject } from "../../../provider/image/json.js";

const uri = /^[a-z][a-z0-9+.-]*:\S+$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** What the JSON schema of OpenVEX 0.2.0 says against a document; it allows no other fields. */
export function breaches(document: unknown): readonly string[] {
  const found: string[] = [];
  const check = (where: string, holds: boolean): void => {
    if (!holds) found.push(where);
  };
  const fields = (
    where: string,
    value: unknown,
    required: readonly string[],
    optional: readonly string[],
  ): Readonly<Record<string, unknown>> => {
    const object = isObject(value) ? value : {};
    check(`${where} is an object`, isObject(value));
    for (const name of required) check(`${where} has ${name}`, name in object);
    for (const name of Object.keys(object)) check(`${where} may have ${name}`, [...required, ...optional].includes(name));
    return object;
  };
  const list = (where: string, value: unknown): readonly unknown[] => {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    check(
      `${where} is a list of different items`,
      items.length > 0 && new Set(items.map((item) => JSON.stringify(item))).size === items.length,
    );
    return items;
  };
  const texts = (where: string, object: Readonly<Record<string, unknown>>, names: readonly string[]): void => {
    for (const name of names) check(`${where}.${name} is a text`, !(name in object) || typeof object[name] === "string");
  };
  const matches = (where: string, value: unknown, form: RegExp): void => {
    check(`${where} has its form`, typeof value === "string" && form.test(value));
  };

  const root = fields(
    "document",
    document,
    ["@context", "@id", "author", "timestamp", "version", "statements"],
    ["role", "last_updated", "tooling"],
  );
  check("@context", root["@context"] === "https://openvex.dev/ns/v0.2.0");
  matches("@id", root["@id"], uri);
  matches("timestamp", root["timestamp"], time);
  check("version", Number.isInteger(root["version"]) && Number(root["version"]) >= 1);
  texts("document", root, ["author", "role", "tooling"]);
  for (const [at, item] of list("statements", root["statements"]).entries()) {
    const where = `statements[${String(at)}]`;
    const words = ["supplier", "status_notes", "impact_statement", "action_statement"];
    const statement = fields(where, item, ["vulnerability", "status"], ["timestamp", "products", "justification", ...words]);
    texts(where, statement, words);
    if ("timestamp" in statement) matches(`${where}.timestamp`, statement["timestamp"], time);
    texts(where, fields(`${where}.vulnerability`, statement["vulnerability"], ["name"], ["aliases"]), ["name"]);
    for (const product of list(`${where}.products`, statement["products"])) {
      const { "@id": id, subcomponents = [{ "@id": "a:b" }] } = fields(`${where}.products`, product, ["@id"], ["subcomponents"]);
      matches(`${where}.products`, id, uri);
      for (const part of list(`${where}.subcomponents`, subcomponents)) matches(where, fields(where, part, ["@id"], [])["@id"], uri);
    }
    const { status, justification } = statement;
    check(
      `${where}.status`,
      vexStatuses.some((known) => known === status),
    );
    check(`${where}.justification`, !("justification" in statement) || vexJustifications.some((known) => known === justification));
    const reasons = ["justification", "impact_statement"].filter((name) => name in statement).length;
    check(`${where} has one reason`, reasons === (status === "not_affected" ? 1 : 0));
    check(`${where} says what to do`, "action_statement" in statement === (status === "affected"));
  }
  return found;
}
