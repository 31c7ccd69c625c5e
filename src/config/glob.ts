// The patterns of paths that the spec knows: `*`, `?`, `**`, `{a,b}`. No packages: forty lines are less than a dependency.

/** The folders before the first wildcard: `prompts/support` of `prompts/support/**`; of a plain path, its folder. */
export function fixedRoot(glob: string): string {
  const parts = glob.split("/");
  const wild = parts.findIndex((part) => /[*?{]/.test(part));
  return parts.slice(0, wild < 0 ? parts.length - 1 : wild).join("/");
}

/** Whether a path matches. Names that begin with a dot match only where the pattern spells the dot. */
export function globMatcher(glob: string): (path: string) => boolean {
  const pattern = new RegExp(`^${translate(glob)}$`, "u");
  return (path) => pattern.test(path);
}

function translate(glob: string): string {
  let source = "";
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const letter = glob.charAt(at);
    const startsName = at === 0 || glob[at - 1] === "/";
    const visible = startsName ? "(?!\\.)" : "";
    if (glob.startsWith("**/", at) && startsName) {
      source += "(?:(?!\\.)[^/]+/)*";
      at += 2;
    } else if (glob.startsWith("**", at) && startsName && at + 2 === glob.length) {
      source += "(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+";
      at += 1;
    } else if (letter === "*") {
      while (glob[at + 1] === "*") at += 1;
      source += `${visible}[^/]*`;
    } else if (letter === "?") {
      source += `${visible}[^/]`;
    } else if (letter === "{") {
      source += "(?:";
      depth += 1;
    } else if (letter === "}") {
      source += ")";
      depth -= 1;
    } else if (letter === "," && depth > 0) {
      source += "|";
    } else {
      source += letter.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    }
  }
  return source;
}
