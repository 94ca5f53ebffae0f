/** What a token may be used for; one's own rights still apply. */

import type { Token } from "@/api/types";

type Scope = Token["scope"];

export const SCOPES: { value: Scope; label: string; meaning: string }[] = [
  { value: "read", label: "read", meaning: "looks at what you may see and changes nothing" },
  {
    value: "write",
    label: "read and write",
    meaning: "does all that you may do, but for accounts and tokens",
  },
  {
    value: "admin",
    label: "manage accounts too",
    meaning: "also makes and revokes tokens and ends sessions",
  },
];

export const scopeLabel = (scope: Scope): string =>
  SCOPES.find(({ value }) => value === scope)?.label ?? scope;
