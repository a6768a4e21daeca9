// Turns what ONNX Runtime throws into one sentence that names the operator and the reason.
import { basename } from 'node:path';
import { AppError } from '#shared/errors';

interface Rule { readonly pattern: RegExp; readonly make: (match: RegExpExecArray, file: string) => AppError }

const unsupported = (message: string, hint?: string) => new AppError('MODEL_UNSUPPORTED', message, hint ? { hint } : {});

/** First match wins. The runtime has no error codes that reach JavaScript, so its texts are all there is. */
const rules: readonly Rule[] = [
  { pattern: /Non tensor type is temporarily not supported/i, make: (_m, file) => unsupported(`${file} answers with a sequence or map, which the runtime here cannot hand over.`, 'Import it with Millwright, which takes ZipMap ends off, or export it with zipmap=False.') },
  { pattern: /Could not find an implementation for (?:the node )?(.*?):?([A-Za-z0-9_]+)\((\d+)\)/i, make: (m, file) => unsupported(`${file} uses ${m[2]} of opset ${m[3]}${m[1] ? ` (node ${m[1].replace(/:$/, '')})` : ''}, for which the runtime here has no implementation with these types.`) },
  { pattern: /(?:No Op registered for|Fatal error:) ?([A-Za-z0-9_.:]+?)(?:\(-?\d+\))? (?:with domain_version of (\d+)|is not a registered function\/op)/i, make: (m, file) => unsupported(`${file} uses the operator ${m[1]}${m[2] ? ` at opset ${m[2]}` : ''}, which the runtime here does not know.`) },
  { pattern: /domain_version of (\d+)|opset (\d+) is under development|ONNX Runtime only \*guarantees\* support for models stamped with (?:official released )?onnx opset versions?/i, make: (m, file) => unsupported(`${file} uses an operator set (${m[1] ?? m[2] ?? 'newer'}) that the runtime here does not support.`, 'Export the model with an older opset, 21 or lower.') },
  { pattern: /Unsupported model IR version: (\d+), max supported IR version: (\d+)/i, make: (m, file) => unsupported(`${file} has IR version ${m[1]}, and the runtime here reads up to ${m[2]}.`, 'Export the model with an older ONNX release.') },
  { pattern: /Unknown model file format version|Protobuf parsing failed|INVALID_PROTOBUF|ModelProto does not have a graph/i, make: (_m, file) => new AppError('BAD_MODEL', `${file} is not a model that the runtime can read.`) },
  { pattern: /Got invalid dimensions for input: (\S+) for the following indices([\s\S]*?)Please fix/i, make: (m) => new AppError('BAD_INPUT', `Input "${m[1]}" has a shape that the model does not take:${m[2]!.replace(/\s+/g, ' ').replace(/index: (\d+) Got: (-?\d+) Expected: (-?\d+)/g, 'dimension $1 is $2, not $3').trimEnd()}.`) },
  { pattern: /Invalid rank for input: (\S+) Got: (\d+) Expected: (\d+)/i, make: (m) => new AppError('BAD_INPUT', `Input "${m[1]}" has ${m[2]} dimensions, and the model takes ${m[3]}.`) },
  { pattern: /Unexpected input data type. Actual: \((.*?)\)\s*,\s*expected: \((.*?)\)/i, make: (m) => new AppError('BAD_INPUT', `An input has the type ${m[1]}, and the model takes ${m[2]}.`) },
  { pattern: /Type '(.*?)' of input parameter \((.*?)\) of operator \((.*?)\) in node \((.*?)\) is invalid/i, make: (m, file) => unsupported(`${file} gives the node "${m[4]}" (${m[3]}) the input "${m[2]}" as ${m[1]}, which this operator does not take.`) },
  { pattern: /(?:bad allocation|Failed to allocate memory|std::bad_alloc)/i, make: (_m, file) => new AppError('WORKER_CRASHED', `There was not enough memory to run ${file}.`, { hint: 'Close other programs, use a smaller batch, or a machine with more memory.' }) },
  { pattern: /No such file or directory|File doesn't exist|does not exist/i, make: (_m, file) => new AppError('NOT_FOUND', `${file}, or a file with its weights, does not exist.`) },
];

/** The runtime's own words, without paths, signatures of its source and its error prefix. */
function plainText(message: string): string {
  return message.replace(/\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : /, '').replace(/^Load model from .*? failed: ?(?:This is an invalid model\. )?/, '').replace(/\/\S+\.(?:cc|h|cpp):\d+ /g, '').replace(/(?:[\w:<>&*]+ )?onnxruntime::[\w:~<>]+\([^()]*\)(?: const)? /g, '').replace(/\s+/g, ' ').trim().slice(0, 400).replace(/\.$/, '');
}

export function translateRuntimeError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const file = basename(path);
  for (const { pattern, make } of rules) {
    const match = pattern.exec(message);
    if (!match) continue;
    const made = make(match, file);
    return new AppError(made.code, made.message, { hint: made.hint, cause: error });
  }
  const node = /Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: ([\s\S]*)/.exec(message);
  return unsupported(node ? `The runtime cannot run the node "${node[2]}" (${node[1]}) of ${file}: ${plainText(node[3]!)}.` : `The runtime cannot run ${file}: ${plainText(message)}.`);
}
