import type { DhiError } from "../../../provider/errors.js";
import type { Repository } from "../../../provider/image/reference.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";

/** The error of a call; undefined where it works. */
export type Fault = (method: keyof ImageRepository, reference: string, repository: Repository) => DhiError | undefined;

/** A session whose repositories fail where `fault` says so: a fault that a folder on disk does not show by itself. */
export function failing(session: Session, fault: Fault): Session {
  const wrap = (inner: ImageRepository): ImageRepository => {
    const guard = <T>(method: keyof ImageRepository, reference: string, work: () => Promise<T>): Promise<T> => {
      const error = fault(method, reference, inner.repository);
      return error === undefined ? work() : Promise.reject(error);
    };
    return {
      repository: inner.repository,
      headManifest: (reference) => guard("headManifest", reference, () => inner.headManifest(reference)),
      getManifest: (reference) => guard("getManifest", reference, () => inner.getManifest(reference)),
      putManifest: (reference, manifest) => guard("putManifest", reference, () => inner.putManifest(reference, manifest)),
      hasBlob: (descriptor) => inner.hasBlob(descriptor),
      readBlob: (descriptor) => inner.readBlob(descriptor),
      putBlob: (descriptor, source, from) => guard("putBlob", descriptor.digest, () => inner.putBlob(descriptor, source, from)),
      deleteTag: (tag, expected) => guard("deleteTag", tag, () => inner.deleteTag(tag, expected)),
      deleteManifest: (digest) => guard("deleteManifest", digest, () => inner.deleteManifest(digest)),
      listTags: () => guard("listTags", "", () => inner.listTags()),
      listReferrers: (subject) => guard("listReferrers", subject, () => inner.listReferrers(subject)),
    };
  };
  const { repositories } = session;
  return { ...session, repositories: { ...repositories, open: (repository) => wrap(repositories.open(repository)) } };
}
