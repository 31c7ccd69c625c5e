import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Installs one of the system's packages, and answers what `find` finds then. Test files that install at once wait for one another. */
export function installPackage<Found>(name: string, find: () => Found | null): Found {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const alone = ["flock", join(tmpdir(), "rollout-tests-apt.lock")];
  const apt = (...args: readonly string[]): void => {
    const [program = "", ...rest] = [...sudo, ...alone, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=100", ...args];
    execFileSync(program, rest, { stdio: "pipe", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  };
  try {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", name);
  } catch (cause) {
    throw new Error(`These tests need ${name}, and it could not be installed. Run: apt-get install ${name}`, { cause });
  }
  const found = find();
  if (found === null) throw new Error(`${name} was installed, and its programs are not where they are looked for`);
  return found;
}
