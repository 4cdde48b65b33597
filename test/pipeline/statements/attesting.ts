import { SLSA_PROVENANCE } from "../../../provider/attestation/formats/predicate-types.js";
import { parseStatement, type Statement } from "../../../provider/attestation/formats/statement.js";
import type { Inventory } from "../../../provider/attestation/inventory.js";
import { takeInventory } from "../../../provider/pipeline/statements/inventory.js";
import type { InputPath } from "../../../provider/pipeline/statements/secret-inputs.js";
import { makeStatements, type ImageStatement } from "../../../provider/pipeline/statements/statements.js";
import { composeImage } from "../../../provider/pipeline/compose/compose.js";
import type { Composition } from "../../../provider/pipeline/compose/composition.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { readLocalSources } from "../../../provider/pipeline/sources/local-sources.js";
import { specAt } from "../../../provider/pipeline/spec/image-spec.js";
import { parseResolution } from "../../../provider/pipeline/state/resolution.js";
import { customizationKind } from "../../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../../provider/resources/oci-artifact/oci-artifact.js";
import type { ValueMap } from "../../../provider/values.js";
import { expectThat } from "../../support/expectations.js";
import { keepRow } from "../../support/session/session.js";
import { checkWith } from "../workshop.js";

export interface Attested {
  readonly composition: Composition;
  readonly inventories: ReadonlyMap<string, Inventory>;
  readonly statements: readonly ImageStatement[];
  readonly notices: readonly string[];
}

/** Checks an image, composes it again under observation, and makes the statements about it. */
export async function attest(
  session: Session,
  resource: "customization" | "artifact",
  inputs: ValueMap,
  secrets: readonly InputPath[] = [],
): Promise<Attested> {
  const checked = await checkWith(session, resource, { news: inputs, secrets });
  if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
  const resolution = parseResolution(checked.derived["resolution"]);
  const kind = resource === "customization" ? customizationKind : ociArtifactKind;
  const spec = specAt(kind.schema.parse(inputs), resolution?.base?.tag);
  expectThat(resolution);
  expectThat(spec);
  const local = await readLocalSources(session.projectDirectory, spec.inputs, session.signal);
  const inventories = new Map<string, Inventory>();
  const observe = (planned: Parameters<typeof takeInventory>[0]): void => {
    inventories.set(planned.platform, takeInventory(planned, { spec, resolution, secrets }));
  };
  const composition = await composeImage(session, { spec, resolution, local, records: new Map(), observe }, keepRow());
  const statements = await makeStatements(session, { spec, resolution, inputs, secrets, composition, inventories });
  return { composition, inventories, statements, notices: composition.notices.map(({ kind: of, message }) => `${of}: ${message}`) };
}

/** The statement of a type about a platform, or about the index. */
export function statementOf({ statements }: Attested, predicateType: string, platform?: string): Statement {
  const found = statements.find((one) => one.predicateType === predicateType && one.platform === platform);
  expectThat(found);
  return parseStatement(found.bytes, "the statement");
}

interface Dependency {
  readonly uri?: string;
  readonly name?: string;
  readonly digest?: Readonly<Record<string, string>>;
}

/** What the provenance of a platform, or of the index, says that the image was composed from. */
export function dependenciesOf(made: Attested, platform?: string): readonly Dependency[] {
  const { predicate } = statementOf(made, SLSA_PROVENANCE, platform);
  const { buildDefinition } = predicate as { readonly buildDefinition: { readonly resolvedDependencies: readonly Dependency[] } };
  return buildDefinition.resolvedDependencies;
}
