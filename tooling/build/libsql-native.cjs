// Stands in for libsql's search for its native part, which asks for a report on the whole process and imports more of Node than the rest of the
// start: 11 ms. Where the C library can be told from one small file there is nothing to ask.
"use strict";

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

exports.requireNative = () => {
  const name = likelyName();
  if (name !== null) {
    try {
      return require(name);
    } catch {
      // Installed out of our sight, or not at all: libsql's own way tells.
    }
  }
  const requireOfLibsql = createRequire(require.resolve("libsql"));
  return requireOfLibsql(`@libsql/${requireOfLibsql("@neon-rs/load").currentTarget()}`);
};

function likelyName() {
  const { arch, platform } = process;
  if (arch !== "x64" && arch !== "arm64") return null;
  if (platform === "darwin") return `@libsql/darwin-${arch}`;
  if (platform !== "linux") return null;
  const library = libraryOf("/usr/bin/ldd");
  return library === null ? null : `@libsql/linux-${arch}-${library}`;
}

/** `ldd` is a script of the C library itself, and names it. */
function libraryOf(ldd) {
  try {
    const text = readFileSync(ldd, "latin1");
    return text.includes("musl") ? "musl" : text.includes("GLIBC") ? "gnu" : null;
  } catch {
    return null;
  }
}
