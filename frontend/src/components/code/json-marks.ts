/** Where in a JSON text its faults stand: syntax errors by the parser, others by JSON pointer. */

import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Fault } from "@/api/errors";

export interface Mark {
  from: number;
  to: number;
  message: string;
}

export type Parsed = { value: unknown; marks: [] } | { value: undefined; marks: Mark[] };

const WORDS: Record<string, string> = {
  PropertyNameExpected: "A property name in double quotes belongs here.",
  ValueExpected: "A value belongs here.",
  ColonExpected: "A colon belongs here.",
  CommaExpected: "A comma belongs here.",
  CloseBraceExpected: "A closing } is missing.",
  CloseBracketExpected: "A closing ] is missing.",
  EndOfFileExpected: "The text goes on after its end.",
  InvalidCommentToken: "JSON has no comments.",
  UnexpectedEndOfString: "This string has no end.",
};

const STRICT = { disallowComments: true, allowTrailingComma: false };

/** The value of a JSON text, or the places where it is no JSON. */
export function readJson(text: string): Parsed {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, STRICT);
  if (errors.length === 0) return { value, marks: [] };
  // The parser may say two things of one place; the first is the cause.
  const first = errors.filter(
    ({ offset }, index) => errors.findIndex((each) => each.offset === offset) === index,
  );
  const marks = first.map(({ error, offset, length }) => {
    const code = printParseErrorCode(error);
    return { from: offset, to: offset + length, message: WORDS[code] ?? `This is no JSON (${code}).` };
  });
  return { value: undefined, marks };
}

const steps = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** Each fault at the value that its pointer names, or at the nearest one above it that exists. */
export function placeFaults(text: string, faults: readonly Fault[]): Mark[] {
  const root = parseTree(text, [], STRICT);
  return faults.map(({ pointer, message }) => {
    let node = root;
    for (const step of root ? steps(pointer) : []) {
      if (!node) break;
      const key = node.type === "array" ? Number(step) : step;
      const child = findNodeAtLocation(node, [key]);
      if (!child) break;
      node = child;
    }
    // A property is marked by its name: an object as a whole would underline everything in it.
    const shown = node?.parent?.type === "property" ? (node.parent.children?.[0] ?? node) : node;
    const from = shown?.offset ?? 0;
    const length = shown === root ? 1 : (shown?.length ?? 1);
    return { from, to: Math.min(from + length, text.length), message };
  });
}

/** The line of an offset, counted from 1. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
