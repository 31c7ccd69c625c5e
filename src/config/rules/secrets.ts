// A spec is committed, and what it says is frozen into journals and shown in plans: nothing secret may stand in it.

import type { DocumentPath } from "../document-path.js";
import type { Rule } from "./rule.js";

/** An address with a password in front of its host. */
const withPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]*:[^/?#@\s]+@/i;

export const addressesHoldNoPasswords: Rule = ({ document, report }) => {
  const visit = (value: unknown, path: DocumentPath): void => {
    if (typeof value === "string" && withPassword.test(value.trim()) && report.isClean(document, path)) {
      report.add({
        code: "config/password",
        detail:
          "The address holds a password, and the spec is committed: everybody who can read the repository has it.",
        hint: "Take it out, and change it where it is in use.",
        document,
        path,
      });
    }
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  visit(document.value, []);
};
