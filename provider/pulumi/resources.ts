import { customizationKind } from "../resources/customization/customization.js";
import { ociArtifactKind } from "../resources/oci-artifact/oci-artifact.js";
import { imageLifecycle } from "../resources/image/image-lifecycle.js";
import { mirrorLifecycle } from "../resources/mirror/mirror-lifecycle.js";
import { adaptLifecycle } from "./adapter.js";

export const customization = adaptLifecycle(imageLifecycle(customizationKind));
export const ociArtifact = adaptLifecycle(imageLifecycle(ociArtifactKind));
export const mirror = adaptLifecycle(mirrorLifecycle);
