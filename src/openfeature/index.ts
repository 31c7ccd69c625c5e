// The provider for OpenFeature: `import { RolloutProvider } from "@rollout-engine/rollout/openfeature"`.

export { type Agents, RolloutProvider, type RolloutProviderOptions } from "./rollout-provider.js";
