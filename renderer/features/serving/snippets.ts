// How clients of the usual kinds ask a station; filled with its own address, model and shapes, so that each runs as it is copied.
import type { TensorInfo } from '#shared/contract/references';
import { snippetType, type SnippetType } from './snippetTypes.ts';

export interface SnippetFacts { readonly address: string; /** Host and port. */ readonly grpcAddress: string; readonly model: string; readonly input: TensorInfo; readonly outputs: readonly TensorInfo[]; /** The station wants a key. */ readonly keyed: boolean }
export interface Snippet { readonly key: string; readonly title: string; readonly language: string; readonly text: string; readonly note: string }

/** What the texts of all languages are made of. */
interface Parts {
  readonly type: SnippetType; readonly url: string; readonly shape: readonly number[]; readonly count: number; /** The name of the input as a literal; the languages here agree on it. */ readonly name: string;
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
const headOf = ({ name, type, shape }: Parts, rest: string): string => `{"inputs":[{"name":${name},"datatype":"${type.datatype}","shape":[${shape.join(',')}],${rest}`;

/** The body comes over standard input: the arguments of a program have a limit that an image in JSON exceeds. */
function curlText(parts: Parts): string {
  const { type, url, count, encrypted, asks, binaryAnswer } = parts;
  const ask = (contentType: string, more: string, data: string) => `curl -s ${encrypted ? `--cacert ${authority} ` : ''}${url} -H 'content-type: ${contentType}' ${more}${asks(`\\\n  -H "authorization: Bearer $${keyName}" `)}${binaryAnswer ? `-o ${answerFile} ` : ''}\\\n  ${data}`;
  if (type.json === null) {
    const head = headOf(parts, `"parameters":{"binary_data_size":${count * type.sizeBytes}}}],"parameters":{"binary_data_output":true}}`);
    const length = new TextEncoder().encode(head).length;
    return `{ printf '%s' ${shellText(head)}\n  head -c ${count * type.sizeBytes} /dev/zero\n} | ${ask('application/octet-stream', `-H 'inference-header-content-length: ${length}' `, '--data-binary @-')}`;
  }
  const end = binaryAnswer ? ']}],"parameters":{"binary_data_output":true}}' : ']}]}';
  if (count <= writtenOut) return ask('application/json', '', `-d ${shellText(`${headOf(parts, '"data":[')}${Array(count).fill(type.json).join(',')}${end}`)}`);
  return `{ printf '%s' ${shellText(headOf(parts, '"data":['))}\n  yes ${shellText(type.json)} | head -n ${count} | paste -sd, -\n  printf '%s' ${shellText(end)}\n} | ${ask('application/json', '', '-d @-')}`;
}

function typescriptText({ type, url, count, shape, name, asks, binaryAnswer }: Parts): string {
  const key = asks(`"authorization": \`Bearer \${process.env.${keyName}}\`, `);
  const tensor = `name: ${name}, datatype: "${type.datatype}", shape: [${shape.join(', ')}]`;
  const output = binaryAnswer ? '\n  parameters: { binary_data_output: true },' : '';
  const read = binaryAnswer
    ? 'const bytes = await answer.arrayBuffer();   // a JSON head, then the values of each output\nconst size = Number(answer.headers.get("inference-header-content-length") ?? bytes.byteLength);\nconsole.log(JSON.parse(new TextDecoder().decode(bytes.slice(0, size))), bytes.slice(size));'
    : 'console.log(await answer.json());';
  const post = (headers: string, body: string) => `const answer = await fetch("${url}", {\n  method: "POST", signal: AbortSignal.timeout(2000),\n  headers: { ${key}${headers} },\n  body: ${body},\n});\nif (!answer.ok) throw new Error((await answer.json()).error);\n${read}`;
  if (type.array === null) return `const body = JSON.stringify({\n  inputs: [{ ${tensor}, data: Array(${count}).fill("text") }],${output}\n});\n${post('"content-type": "application/json"', 'body')}`;
  const bits = type.json === null ? `   // the bits of each ${type.datatype}` : '';
  return `const values = new ${type.array}(${count});${bits}\nconst head = new TextEncoder().encode(JSON.stringify({\n  inputs: [{ ${tensor}, parameters: { binary_data_size: values.byteLength } }],${output}\n}));\n${post('"content-type": "application/octet-stream", "inference-header-content-length": String(head.length)', 'new Blob([head, values])')}`;
}

function csharpText({ type, count, shape, name, asks, binaryAnswer }: Parts, address: string, model: string): string {
  const client = `var http = new HttpClient { BaseAddress = new Uri("${address}/"), Timeout = TimeSpan.FromSeconds(2) };\n${asks(`http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("${keyName}"));\n`)}`;
  const tensor = `name = ${name}, datatype = "${type.datatype}", shape = new int[] { ${shape.join(', ')} }`;
  const output = binaryAnswer ? ',\n  parameters = new { binary_data_output = true }' : '';
  const path = `"v2/models/${model}/infer"`;
  const read = `answer.EnsureSuccessStatusCode();\n${binaryAnswer ? `await File.WriteAllBytesAsync("${answerFile}", await answer.Content.ReadAsByteArrayAsync());` : 'Console.WriteLine(await answer.Content.ReadAsStringAsync());'}`;
  const body = (data: string) => `new {\n  inputs = new[] { new { ${tensor}, ${data} } }${output}\n}`;
  const keyed = asks('using System.Net.Http.Headers;\n');
  if (type.csharp === null) return `${keyed}using System.Text.Json;\n\n${client}var values = new byte[${count * type.sizeBytes}];   // the bits of each ${type.datatype}\nvar head = JsonSerializer.SerializeToUtf8Bytes(${body('parameters = new { binary_data_size = values.Length }')});\nvar content = new ByteArrayContent(head.Concat(values).ToArray());\ncontent.Headers.ContentType = new("application/octet-stream");\ncontent.Headers.Add("inference-header-content-length", head.Length.ToString());\nvar answer = await http.PostAsync(${path}, content);\n${read}`;
  const data = type.csharp === 'string' ? `Enumerable.Repeat("text", ${count}).ToArray()` : `new ${type.csharp}[${count}]`;
  return `${keyed}using System.Net.Http.Json;\n\n${client}var body = ${body(`data = ${data}`)};\nvar answer = await http.PostAsJsonAsync(${path}, body);\n${read}`;
}

function pythonText({ type, shape, name, asks }: Parts, module: 'http' | 'grpc', model: string, client: string): string {
  const size = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const values = type.json === '"text"' ? `np.full(${size}, b"text", dtype=object)` : `np.zeros(${size}, dtype=${type.numpy})`;
  return `import numpy as np\n${asks('import os\n')}import tritonclient.${module} as ${module}   # pip install tritonclient[${module}]\n\nclient = ${module}.InferenceServerClient(${client})\nvalues = ${values}\ntensor = ${module}.InferInput(${name}, values.shape, "${type.datatype}")\ntensor.set_data_from_numpy(values)\n${asks(`headers = {"authorization": "Bearer " + os.environ["${keyName}"]}\n`)}answer = client.infer("${model}", [tensor]${asks(', headers=headers')})\nprint(answer.get_response())`;
}

/** Nothing where the protocol has no name for the type of the input. */
export function snippetsFor({ address, grpcAddress, model, input, outputs, keyed }: SnippetFacts): readonly Snippet[] {
  const type = snippetType(input.type);
  if (type === null) return [];
  const encrypted = address.startsWith('https:');
  const shape = input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
  const url = `${address}/v2/models/${model}/infer`;
  const asks = (text: string) => (keyed ? text : '');
  const parts: Parts = { type, url, shape, count: shape.reduce((product, size) => product * size, 1), name: JSON.stringify(input.name), binaryAnswer: outputs.some((output) => snippetType(output.type)?.json === null), encrypted, asks };
  const trust = encrypted ? ` ${authority} stands for the authority that signed the station's certificate.` : '';
  const binary = parts.binaryAnswer ? ` JSON has no form for an output of this model: the answer is a JSON head with the values behind it.` : '';
  return [
    { key: 'curl', title: 'curl', language: 'sh', note: `For a first try in a shell. Large tensors are ten times cheaper in binary form, as the Python client sends them.${binary}${trust}`, text: curlText(parts) },
    { key: 'python', title: 'Python', language: 'py', note: `tritonclient sends binary tensors by default.${trust}`,
      text: pythonText(parts, 'http', model, `"${address.replace(/^https?:\/\//, '')}"${encrypted ? `, ssl=True, ssl_options={"ca_certs": "${authority}"}` : ''}`) },
    { key: 'csharp', title: 'C#', language: 'cs', note: `Keep one HttpClient for the whole program.${binary}${encrypted ? ' The authority that signed the station\'s certificate has to be among those that this machine trusts.' : ''}`, text: csharpText(parts, address, model) },
    { key: 'typescript', title: 'TypeScript', language: 'ts', note: `Node 18 or newer; ${type.array === null ? 'text goes as JSON' : 'binary form with the values behind a JSON head'}.${binary}${encrypted ? ` Start it with NODE_EXTRA_CA_CERTS=${authority}, the authority that signed the station's certificate.` : ''}`, text: typescriptText(parts) },
    { key: 'grpc', title: 'gRPC', language: 'py', note: `The same model over gRPC; the connection survives an update: it is closed politely and dialled anew.${trust}`,
      text: pythonText(parts, 'grpc', model, `"${grpcAddress}"${encrypted ? `, ssl=True, root_certificates="${authority}"` : ''}`) },
    { key: 'plc', title: 'PLC', language: 'txt', note: 'A PLC does not speak JSON well: let a small program on the station PC ask, and hand the result over.',
      text: `1. The camera program on the station PC posts the image to ${url}${asks(`, with the key of its own: authorization: Bearer …`)}\n2. It takes the index of the largest output and its score from the answer.\n3. It writes both to the PLC (OPC UA, Modbus TCP or PROFINET), with a running number.\n4. The PLC checks the running number and the time: no new number within the takt means "not read", never "good".\n5. ${address}/v2/health/ready answers 200 while the station serves; anything else is an alarm.` },
  ];
}
