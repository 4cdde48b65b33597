export { startCraneRegistry } from "./crane.js";
export { startDockerRegistry, type RegistryOptions, type StartedRegistry } from "./docker-registry.js";
export { startProxy, type Fault, type FaultProxy, type SeenRequest } from "./fault-proxy.js";
export { startForwardProxy } from "./forward-proxy.js";
export { findProgram } from "./process.js";
export { refuseMoves } from "./refuse-moves.js";
