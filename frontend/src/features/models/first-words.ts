/** What a description says in one line: its Markdown's signs left out. */

export function firstWords(description: string): string {
  const line = description.split("\n").find((each) => each.trim() && !/^\s*(```|---|\||<)/.test(each)) ?? "";
  return line
    .replace(/^\s*(#+|>|[-*+]|\d+\.)\s+/, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`]{1,3}(\S[^*`]*)[*`]{1,3}/g, "$1")
    .trim();
}
