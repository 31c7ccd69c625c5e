// Step four: what no schema can say. Each rule is one small function that looks at the reading and complains.

import type { Reading } from "../reading.js";

export type Rule = (reading: Reading) => void;
