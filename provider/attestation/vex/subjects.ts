import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import { claimOf, type DeclaredVex } from "./declared.js";
import type { EncodedProduct, EncodedStatement } from "./encode.js";
import { vexCopyPurl, vexImagePurl } from "./image-names.js";
import { nameClaims, type NamedClaim, type NamedPackage } from "./name-claims.js";
import type { VexPackage } from "./names-package.js";
import type { HeldClaim } from "./reduce.js";

/** What is claimed of the packages of one platform. */
export interface SettledPlatform {
  readonly platform: string;
  readonly manifest: Digest;
  readonly packages: readonly VexPackage[];
  readonly held: readonly HeldClaim[];
}

interface SettledImage {
  readonly repository: Repository;
  readonly index: Digest;
  readonly platforms: readonly SettledPlatform[];
  readonly declared: readonly DeclaredVex[];
}

interface VexSubject {
  /** Undefined for the index. */
  readonly platform: string | undefined;
  readonly subject: Digest;
  readonly statements: readonly EncodedStatement[];
}

/** An image that packages are parts of. */
interface Whole {
  readonly digest: Digest;
  /** Whether the claim holds for the package there. */
  readonly has: (claim: NamedClaim["claim"], named: NamedPackage) => boolean;
}

/** Each manifest, then the index, with what its document states. */
export function vexSubjects({ repository, index, platforms, declared }: SettledImage): readonly VexSubject[] {
  const all = nameClaims(
    platforms.flatMap(({ packages }) => packages),
    platforms.flatMap(({ held }) => held),
  );
  const whole: Whole = { digest: index, has: membership(all, ({ purls: [purl] }) => purl) };
  const parts = platforms.map(({ platform, manifest, packages, held }) => {
    const named = nameClaims(packages, held);
    return { platform, named, whole: { digest: manifest, has: membership(named, ({ plain }) => plain) } };
  });
  return [
    ...parts.map((part) => ({
      platform: part.platform,
      subject: part.whole.digest,
      statements: stateClaims(repository, part.named, [whole, part.whole], declared),
    })),
    {
      platform: undefined,
      subject: index,
      statements: stateClaims(repository, all, [whole, ...parts.map((part) => part.whole)], declared),
    },
  ];
}

/** Which packages a subject makes which claims about. A package that is named with its architecture is not the one that is named without. */
function membership(claims: readonly NamedClaim[], nameOf: (named: NamedPackage) => string): Whole["has"] {
  const key = ({ vulnerability: { name }, status }: NamedClaim["claim"], named: NamedPackage): string =>
    JSON.stringify([name, status, nameOf(named)]);
  const known = new Set(claims.flatMap(({ claim, packages }) => packages.map((named) => key(claim, named))));
  return (claim, named) => known.has(key(claim, named));
}

function stateClaims(
  repository: Repository,
  claims: readonly NamedClaim[],
  images: readonly Whole[],
  declared: readonly DeclaredVex[],
): readonly EncodedStatement[] {
  const ofPackages = claims.map(({ claim, packages }) => {
    const inImages = images.flatMap((image): readonly EncodedProduct[] => {
      const parts = packages.filter((named) => image.has(claim, named)).flatMap(({ purls }) => purls);
      return parts.length === 0 ? [] : [{ id: vexImagePurl(repository, image.digest), parts }];
    });
    return { claim, products: [...packages.flatMap(({ purls }) => purls.map((id) => ({ id }))), ...inImages] };
  });
  const others = declared.flatMap((item): readonly EncodedStatement[] => {
    const own = images.map(({ digest }) => digest);
    if (item.package === undefined) {
      const ids = new Set(own.flatMap((digest) => [vexImagePurl(repository, digest), vexCopyPurl(repository, digest)]));
      return [{ claim: claimOf(item), products: [...ids].map((id) => ({ id })) }];
    }
    if (!("purl" in item.package)) return [];
    const { purl } = item.package;
    return [
      { claim: claimOf(item), products: [{ id: purl }, ...own.map((digest) => ({ id: vexImagePurl(repository, digest), parts: [purl] }))] },
    ];
  });
  return [...ofPackages, ...others];
}
