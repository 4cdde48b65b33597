export { makeCertificates, type Certificates } from "./certificates.js";
export { startCraneRegistry, type StartedCrane } from "./crane.js";
export { startDockerRegistry, type RegistryOptions, type StartedRegistry } from "./docker-registry.js";
export { startProxy, type Fault, type FaultProxy, type SeenRequest } from "./fault-proxy.js";
export { startForwardProxy, type ForwardProxy } from "./forward-proxy.js";
export { listen, type Listening } from "./listen.js";
export { findProgram } from "./process.js";
