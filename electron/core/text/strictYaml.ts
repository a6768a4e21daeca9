// Reads a small YAML file against a schema; every complaint names the line, the key and what is allowed.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { z } from 'zod';
import { AppError, type ErrorCode } from '#shared/errors';
import { nearestWord } from './nearestWord.ts';

export interface StrictYamlOptions {
  /** Shown in the sentences: `limits.yaml`. */
  readonly fileName: string;
  readonly code: ErrorCode;
}

const largestCharacters = 1_000_000;

/** Parses and checks; throws `options.code` with the line of the first fault. Aliases and merge keys are not followed. */
export function parseStrictYaml<T>(text: string, schema: z.ZodType<T>, options: StrictYamlOptions): T {
  const { fileName, code } = options;
  if (text.length > largestCharacters) throw new AppError(code, `${fileName} is larger than a file of this kind can be.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, version: '1.2' });
  const broken = document.errors[0];
  if (broken) throw new AppError(code, `${fileName}, line ${lines.linePos(broken.pos[0]).line}: ${plainSyntax(broken.code, broken.message)}.`, { hint: 'Check the indentation, brackets and quotes of that line.' });
  if (document.contents === null) throw new AppError(code, `${fileName} is empty.`);
  let value: unknown;
  try { value = document.toJS({ maxAliasCount: 0 }); } catch (error) {
    throw new AppError(code, `${fileName} uses YAML aliases, which are not read here.`, { cause: error, hint: 'Write the repeated part out.' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // A mistyped key is told before the key that is therefore missing.
  const issue = parsed.error.issues.find(({ code: kind }) => kind === 'unrecognized_keys') ?? parsed.error.issues[0];
  if (!issue) throw new AppError(code, `${fileName} does not have the form it must have.`);
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
  const line = (steps: readonly (string | number)[], key?: string) => lineOf(document, steps, key, lines);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const allowed = allowedKeys(schema, path);
    const near = nearestWord(key, allowed);
    throw new AppError(code, `${fileName}, line ${line(path, key)}: "${shorten(key)}" is not a key that is known ${path.length > 0 ? `in ${showPath(path)}` : 'here'}${near ? `; did you mean "${near}"?` : '.'}`, { hint: `Allowed: ${allowed.join(', ')}.` });
  }
  const at = `${fileName}, line ${line(path)}: ${path.length > 0 ? `${showPath(path)} ` : 'the file '}`;
  const given = valueAt(value, path);
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const near = typeof given === 'string' ? nearestWord(given, allowed) : null;
    throw new AppError(code, `${at}is "${shorten(String(given as Scalar))}", which is not a value that is known${near ? `; did you mean "${near}"?` : '.'}`, { hint: `Allowed: ${allowed.join(', ')}.` });
  }
  if (given === undefined) throw new AppError(code, `${at}is missing.`, { hint: `Add it: ${path.at(-1) ?? ''}.` });
  throw new AppError(code, `${at}is ${describe(given)}, but ${plainReason(issue)}.`);
}

function plainSyntax(yamlCode: string, message: string): string {
  if (yamlCode === 'DUPLICATE_KEY') return 'the same key is given twice';
  if (yamlCode === 'TAB_AS_INDENT') return 'a tab is used to indent; YAML takes spaces only';
  return `it is not valid YAML (${message.split('\n')[0]?.replace(/[.:]$/, '') ?? ''})`;
}

function plainReason(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': return `it must be ${article(issue.expected)}`;
    case 'too_small': return `it must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big': return `it must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_union': return 'it has none of the forms that are allowed';
    default: return issue.message.replace(/\.$/, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  }
}

const article = (type: string): string => ({ number: 'a number', string: 'a text', boolean: 'true or false', array: 'a list', object: 'a group of keys', int: 'a whole number' }[type] ?? type);
// What YAML reads is null, a list, a group of keys or one of these three.
type Scalar = string | number | boolean;
const describe = (given: unknown): string => (given === null ? 'empty' : Array.isArray(given) ? 'a list' : typeof given === 'object' ? 'a group of keys' : `"${shorten(String(given as Scalar))}"`);
const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
const showPath = (path: readonly (string | number)[]): string => path.map((step, index) => (typeof step === 'number' ? `[${step + 1}]` : `${index > 0 ? '.' : ''}${step}`)).join('');

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (at === null || typeof at !== 'object') return undefined;
    at = (at as Record<string | number, unknown>)[step]; // a plain object or list from YAML
  }
  return at;
}

/** Line of the key named, or of the value at the path, or of the nearest parent that exists. */
function lineOf(document: Document.Parsed, path: readonly (string | number)[], key: string | undefined, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0] ?? 0;
  for (const step of key === undefined ? path : [...path, key]) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset; // found by its scalar key just above
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = (node as Node | undefined)?.range?.[0] ?? offset; // items of a parsed list are nodes
    } else break;
  }
  return lines.linePos(offset).line;
}

/** Keys of the object schema at a path; looks through optional, default, array and union wrappers. */
function allowedKeys(schema: unknown, path: readonly (string | number)[]): string[] {
  const unwrap = (type: unknown): unknown => {
    if (type instanceof z.ZodOptional || type instanceof z.ZodNullable || type instanceof z.ZodDefault) return unwrap(type.unwrap());
    if (type instanceof z.ZodPipe) return unwrap(type.in);
    return type;
  };
  let at = unwrap(schema);
  for (const step of path) {
    if (at instanceof z.ZodArray) at = unwrap(at.element);
    else if (at instanceof z.ZodObject && typeof step === 'string') at = unwrap(at.shape[step]);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}
