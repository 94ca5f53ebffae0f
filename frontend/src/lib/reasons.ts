/** Why a sample failed, as people say it; the words of the API are for programs. */

const WORDS: Record<string, string> = {
  exception: "The model raised an error",
  invalid_output: "The output does not fit the schema",
  missing_input: "An input is missing",
  unreadable_media: "The image could not be read",
  killed: "The model was killed",
  timeout: "The model did not answer in time",
  out_of_memory: "Out of memory",
};

/** A short phrase for a reason; one that is not known is spelled out. */
export function reasonInWords(reason: string): string {
  const known = WORDS[reason];
  if (known) return known;
  const words = reason.replaceAll("_", " ").trim();
  return words ? `${words.charAt(0).toUpperCase()}${words.slice(1)}` : "It failed";
}
