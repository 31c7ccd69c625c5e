// The one place that knows which version this is: the package's own manifest, taken in when the program is bundled.

import manifest from "../../package.json" with { type: "json" };

export const version: string = manifest.version;
