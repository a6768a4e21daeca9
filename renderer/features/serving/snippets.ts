// How clients of the usual kinds ask a station; filled with its own address, model and shapes, so that each runs as it is copied.
import type { TensorInfo } from '#shared/contract/references';
import { snippetType, type SnippetType } from './snippetTypes.ts';

export interface SnippetFacts { readonly address: string; /** Host and port. */ readonly grpcAddress: string; readonly model: string; readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[]; /** The station wants a key. */ readonly keyed: boolean }
export interface Snippet { readonly key: string; readonly title: string; readonly language: string; readonly text: string; readonly note: string }

/** One input; its name as a literal, on which the languages here agree. */
interface Input { readonly type: SnippetType; readonly shape: readonly number[]; readonly count: number; readonly name: string }

/** What the texts of all languages are made of. */
interface Parts {
  readonly url: string; readonly inputs: readonly [Input, ...Input[]];
  /** An output has no form in JSON, so the answer is a JSON head with the values behind it. */
  readonly binaryAnswer: boolean;
  readonly encrypted: boolean;
  /** The text where the station wants a key, else nothing. */
  readonly asks: (text: string) => string;
}

/** The environment variable that holds the key: it belongs in no program text. */
const keyName = 'MILLWRIGHT_KEY';
/** The authority that signed the station's certificate, as the plant hands it out. */
const authority = 'plant-ca.pem';
const answerFile = 'answer.bin';
/** So many values are written out; more are made by the shell. */
const writtenOut = 8;

const shellText = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const headOf = ({ name, type, shape }: Input): string => `{"name":${name},"datatype":"${type.datatype}","shape":[${shape.join(',')}],`;
const bytesOf = ({ type, count }: Input): number => count * type.sizeBytes;
const sumBytes = (inputs: readonly Input[]): number => inputs.reduce((sum, input) => sum + bytesOf(input), 0);
/** Of texts in JSON; elements of a size that is the same for all can stand behind the head. */
const hasSize = ({ type }: Input): boolean => type.sizeBytes > 0;
const hasNoJson = ({ type }: Input): boolean => type.json === null;
const list = ({ type, count }: Input): string => Array(count).fill(type.json).join(',');

/** The body comes over standard input: the arguments of a program have a limit that an image in JSON exceeds. */
function curlText({ inputs, url, encrypted, asks, binaryAnswer }: Parts): string {
  const ask = (contentType: string, more: string, data: string) => `curl -s ${encrypted ? `--cacert ${authority} ` : ''}${url} -H 'content-type: ${contentType}' ${more}${asks(`\\\n  -H "authorization: Bearer $${keyName}" `)}${binaryAnswer ? `-o ${answerFile} ` : ''}\\\n  ${data}`;
  if (inputs.some(hasNoJson)) {
    const head = `{"inputs":[${inputs.map((input) => `${headOf(input)}${hasSize(input) ? `"parameters":{"binary_data_size":${bytesOf(input)}}` : `"data":[${list(input)}]`}}`).join(',')}],"parameters":{"binary_data_output":true}}`;
    const length = new TextEncoder().encode(head).length;
    return `{ printf '%s' ${shellText(head)}\n  head -c ${sumBytes(inputs)} /dev/zero\n} | ${ask('application/octet-stream', `-H 'inference-header-content-length: ${length}' `, '--data-binary @-')}`;
  }
  const end = binaryAnswer ? ']}],"parameters":{"binary_data_output":true}}' : ']}]}';
  if (inputs.every(({ count }) => count <= writtenOut)) return ask('application/json', '', `-d ${shellText(`{"inputs":[${inputs.map((input) => `${headOf(input)}"data":[${list(input)}`).join(']},')}${end}`)}`);
  const tensors = inputs.map((input, index) => `printf '%s' ${shellText(`${index === 0 ? '{"inputs":[' : ']},'}${headOf(input)}"data":[`)}\n  yes ${shellText(input.type.json ?? '')} | head -n ${input.count} | paste -sd, -\n  `);
  return `{ ${tensors.join('')}printf '%s' ${shellText(end)}\n} | ${ask('application/json', '', '-d @-')}`;
}

function typescriptText({ inputs, url, asks, binaryAnswer }: Parts): string {
  const key = asks(`"authorization": \`Bearer \${process.env.${keyName}}\`, `);
  const output = binaryAnswer ? '\n  parameters: { binary_data_output: true },' : '';
  const read = binaryAnswer
    ? 'const bytes = await answer.arrayBuffer();   // a JSON head, then the values of each output\nconst size = Number(answer.headers.get("inference-header-content-length") ?? bytes.byteLength);\nconsole.log(JSON.parse(new TextDecoder().decode(bytes.slice(0, size))), bytes.slice(size));'
    : 'console.log(await answer.json());';
  const post = (headers: string, body: string) => `const answer = await fetch("${url}", {\n  method: "POST", signal: AbortSignal.timeout(2000),\n  headers: { ${key}${headers} },\n  body: ${body},\n});\nif (!answer.ok) throw new Error((await answer.json()).error);\n${read}`;
  const binary = inputs.filter(({ type }) => type.array !== null);
  const nameOf = (input: Input) => (binary.length === 1 ? 'values' : `values${binary.indexOf(input) + 1}`);
  const tensors = inputs.map((input) => `{ name: ${input.name}, datatype: "${input.type.datatype}", shape: [${input.shape.join(', ')}], ${input.type.array === null ? `data: Array(${input.count}).fill("text")` : `parameters: { binary_data_size: ${nameOf(input)}.byteLength }`} }`);
  const message = `{\n  inputs: [${inputs.length === 1 ? tensors.join('') : `\n    ${tensors.join(',\n    ')},\n  `}],${output}\n}`;
  if (binary.length === 0) return `const body = JSON.stringify(${message});\n${post('"content-type": "application/json"', 'body')}`;
  const values = binary.map((input) => `const ${nameOf(input)} = new ${input.type.array ?? ''}(${input.count});${hasNoJson(input) ? `   // the bits of each ${input.type.datatype}` : ''}\n`).join('');
  return `${values}const head = new TextEncoder().encode(JSON.stringify(${message}));\n${post('"content-type": "application/octet-stream", "inference-header-content-length": String(head.length)', `new Blob([head, ${binary.map(nameOf).join(', ')}])`)}`;
}

function csharpText({ inputs, asks, binaryAnswer }: Parts, address: string, model: string): string {
  const client = `var http = new HttpClient { BaseAddress = new Uri("${address}/"), Timeout = TimeSpan.FromSeconds(2) };\n${asks(`http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("${keyName}"));\n`)}`;
  const output = binaryAnswer ? ',\n  parameters = new { binary_data_output = true }' : '';
  const path = `"v2/models/${model}/infer"`;
  const read = `answer.EnsureSuccessStatusCode();\n${binaryAnswer ? `await File.WriteAllBytesAsync("${answerFile}", await answer.Content.ReadAsByteArrayAsync());` : 'Console.WriteLine(await answer.Content.ReadAsStringAsync());'}`;
  // Tensors of unlike form are objects to the compiler; its JSON writer writes each as what it is.
  const body = (data: (input: Input) => string) => { const tensors = inputs.map((input) => `new { name = ${input.name}, datatype = "${input.type.datatype}", shape = new int[] { ${input.shape.join(', ')} }, ${data(input)} }`); return `new {\n  inputs = ${inputs.length === 1 ? `new[] { ${tensors.join('')} }` : `new object[] {\n    ${tensors.join(',\n    ')}\n  }`}${output}\n}`; };
  const keyed = asks('using System.Net.Http.Headers;\n');
  const inJson = ({ type, count }: Input) => (type.csharp === 'string' ? `data = Enumerable.Repeat("text", ${count}).ToArray()` : `data = new ${type.csharp ?? ''}[${count}]`);
  if (!inputs.some(({ type }) => type.csharp === null)) return `${keyed}using System.Net.Http.Json;\n\n${client}var body = ${body(inJson)};\nvar answer = await http.PostAsJsonAsync(${path}, body);\n${read}`;
  const bits = inputs.length === 1 ? `the bits of each ${inputs[0].type.datatype}` : 'the bytes of all inputs, one after the other';
  return `${keyed}using System.Text.Json;\n\n${client}var values = new byte[${sumBytes(inputs)}];   // ${bits}\nvar head = JsonSerializer.SerializeToUtf8Bytes(${body((input) => (hasSize(input) ? `parameters = new { binary_data_size = ${inputs.length === 1 ? 'values.Length' : bytesOf(input)} }` : inJson(input)))});\nvar content = new ByteArrayContent(head.Concat(values).ToArray());\ncontent.Headers.ContentType = new("application/octet-stream");\ncontent.Headers.Add("inference-header-content-length", head.Length.ToString());\nvar answer = await http.PostAsync(${path}, content);\n${read}`;
}

function pythonText({ inputs, asks }: Parts, module: 'http' | 'grpc', model: string, client: string): string {
  const valuesOf = ({ type, shape }: Input) => { const size = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`; return type.json === '"text"' ? `np.full(${size}, b"text", dtype=object)` : `np.zeros(${size}, dtype=${type.numpy})`; };
  const [first] = inputs;
  const tensors = inputs.length === 1
    ? `values = ${valuesOf(first)}\ntensor = ${module}.InferInput(${first.name}, values.shape, "${first.type.datatype}")\ntensor.set_data_from_numpy(values)\n`
    : `tensors = []\nfor name, datatype, values in [\n${inputs.map((input) => `    (${input.name}, "${input.type.datatype}", ${valuesOf(input)}),\n`).join('')}]:\n    tensor = ${module}.InferInput(name, values.shape, datatype)\n    tensor.set_data_from_numpy(values)\n    tensors.append(tensor)\n`;
  return `import numpy as np\n${asks('import os\n')}import tritonclient.${module} as ${module}   # pip install tritonclient[${module}]\n\nclient = ${module}.InferenceServerClient(${client})\n${tensors}${asks(`headers = {"authorization": "Bearer " + os.environ["${keyName}"]}\n`)}answer = client.infer("${model}", ${inputs.length === 1 ? '[tensor]' : 'tensors'}${asks(', headers=headers')})\nprint(answer.get_response())`;
}

const inputOf = (tensor: TensorInfo): Input | null => {
  const type = snippetType(tensor.type);
  const shape = tensor.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
  return type === null ? null : { type, shape, count: shape.reduce((product, size) => product * size, 1), name: JSON.stringify(tensor.name) };
};

/** Nothing where the protocol has no name for the type of an input. */
export function snippetsFor({ address, grpcAddress, model, inputs: tensors, outputs, keyed }: SnippetFacts): readonly Snippet[] {
  const [first, ...rest] = tensors.map(inputOf);
  if (!first || rest.includes(null)) return [];
  const encrypted = address.startsWith('https:');
  const url = `${address}/v2/models/${model}/infer`;
  const asks = (text: string) => (keyed ? text : '');
  const inputs: Parts['inputs'] = [first, ...rest.filter((input) => input !== null)];
  const parts: Parts = { url, inputs, binaryAnswer: outputs.some((output) => snippetType(output.type)?.json === null), encrypted, asks };
  const trust = encrypted ? ` ${authority} stands for the authority that signed the station's certificate.` : '';
  const binary = parts.binaryAnswer ? ` JSON has no form for an output of this model: the answer is a JSON head with the values behind it.` : '';
  return [
    { key: 'curl', title: 'curl', language: 'sh', note: `For a first try in a shell. Large tensors are ten times cheaper in binary form, as the Python client sends them.${binary}${trust}`, text: curlText(parts) },
    { key: 'python', title: 'Python', language: 'py', note: `tritonclient sends binary tensors by default.${trust}`,
      text: pythonText(parts, 'http', model, `"${address.replace(/^https?:\/\//, '')}"${encrypted ? `, ssl=True, ssl_options={"ca_certs": "${authority}"}` : ''}`) },
    { key: 'csharp', title: 'C#', language: 'cs', note: `Keep one HttpClient for the whole program.${binary}${encrypted ? ' The authority that signed the station\'s certificate has to be among those that this machine trusts.' : ''}`, text: csharpText(parts, address, model) },
    { key: 'typescript', title: 'TypeScript', language: 'ts', note: `Node 18 or newer; ${inputs.every(({ type }) => type.array === null) ? 'text goes as JSON' : 'binary form with the values behind a JSON head'}.${binary}${encrypted ? ` Start it with NODE_EXTRA_CA_CERTS=${authority}, the authority that signed the station's certificate.` : ''}`, text: typescriptText(parts) },
    { key: 'grpc', title: 'gRPC', language: 'py', note: `The same model over gRPC; the connection survives an update: it is closed politely and dialled anew.${trust}`,
      text: pythonText(parts, 'grpc', model, `"${grpcAddress}"${encrypted ? `, ssl=True, root_certificates="${authority}"` : ''}`) },
    { key: 'plc', title: 'PLC', language: 'txt', note: 'A PLC does not speak JSON well: let a small program on the station PC ask, and hand the result over.',
      text: `1. The camera program on the station PC posts the image to ${url}${asks(`, with the key of its own: authorization: Bearer …`)}\n2. It takes the index of the largest output and its score from the answer.\n3. It writes both to the PLC (OPC UA, Modbus TCP or PROFINET), with a running number.\n4. The PLC checks the running number and the time: no new number within the takt means "not read", never "good".\n5. ${address}/v2/health/ready answers 200 while the station serves; anything else is an alarm.` },
  ];
}
