// How clients of the usual kinds ask a station; filled with its own address, model and shapes.
import type { TensorInfo } from '#shared/contract/references';

export interface SnippetFacts { readonly address: string; /** Host and port. */ readonly grpcAddress: string; readonly model: string; readonly input: TensorInfo; /** The station wants a key. */ readonly keyed: boolean }
export interface Snippet { readonly key: string; readonly title: string; readonly language: string; readonly text: string; readonly note: string }

const datatypes: Readonly<Record<string, string>> = { float32: 'FP32', float64: 'FP64', float16: 'FP16', int64: 'INT64', int32: 'INT32', uint8: 'UINT8', int8: 'INT8', bool: 'BOOL', string: 'BYTES' };
const numpy: Readonly<Record<string, string>> = { float32: 'np.float32', float64: 'np.float64', float16: 'np.float16', int64: 'np.int64', int32: 'np.int32', uint8: 'np.uint8', int8: 'np.int8', bool: 'bool', string: 'object' };
/** The environment variable that holds the key: it belongs in no program text. */
const keyName = 'MILLWRIGHT_KEY';
/** The authority that signed the station's certificate, as the plant hands it out. */
const authority = 'plant-ca.pem';

export function snippetsFor({ address, grpcAddress, model, input, keyed }: SnippetFacts): readonly Snippet[] {
  const encrypted = address.startsWith('https:');
  const shape = input.shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
  const datatype = datatypes[input.type] ?? 'FP32';
  const count = shape.reduce((product, size) => product * size, 1);
  const url = `${address}/v2/models/${model}/infer`;
  const host = address.replace(/^https?:\/\//, '');
  const trust = encrypted ? ` ${authority} stands for the authority that signed the station's certificate.` : '';
  const asks = (text: string) => (keyed ? text : '');
  const pythonHead = (module: string) => `import numpy as np\n${asks('import os\n')}import tritonclient.${module} as ${module}   # pip install tritonclient[${module}]\n`;
  const pythonTensor = (module: string) => `values = np.zeros((${shape.join(', ')}${shape.length === 1 ? ',' : ''}), dtype=${numpy[input.type] ?? 'np.float32'})\ntensor = ${module}.InferInput("${input.name}", values.shape, "${datatype}")\ntensor.set_data_from_numpy(values)\n${asks(`headers = {"authorization": "Bearer " + os.environ["${keyName}"]}\n`)}`;
  const pythonCall = `client.infer("${model}", [tensor]${asks(', headers=headers')})`;
  return [
    { key: 'curl', title: 'curl', language: 'sh', note: `For a first try. Large tensors are ten times cheaper in binary form, as the Python client sends them.${trust}`,
      text: `curl -s ${encrypted ? `--cacert ${authority} ` : ''}${url} -H 'content-type: application/json' ${asks(`\\\n  -H "authorization: Bearer $${keyName}" `)}\\\n  -d '{"inputs":[{"name":"${input.name}","datatype":"${datatype}","shape":[${shape.join(',')}],"data":[${count > 8 ? `0,0,0, … ${count} values` : Array(count).fill(0).join(',')}]}]}'` },
    { key: 'python', title: 'Python', language: 'py', note: `tritonclient sends binary tensors by default.${trust}`,
      text: `${pythonHead('http')}\nclient = http.InferenceServerClient("${host}"${encrypted ? `, ssl=True, ssl_options={"ca_certs": "${authority}"}` : ''})\n${pythonTensor('http')}answer = ${pythonCall}\nprint(answer.get_response())` },
    { key: 'csharp', title: 'C#', language: 'cs', note: `Keep one HttpClient for the whole program.${encrypted ? ' The authority that signed the station\'s certificate has to be among those that this machine trusts.' : ''}`,
      text: `${asks('using System.Net.Http.Headers;\n')}using System.Net.Http.Json;\n\nvar http = new HttpClient { BaseAddress = new Uri("${address}/"), Timeout = TimeSpan.FromSeconds(2) };\n${asks(`http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("${keyName}"));\n`)}var body = new {\n  inputs = new[] { new { name = "${input.name}", datatype = "${datatype}", shape = new[] { ${shape.join(', ')} }, data = new float[${count}] } }\n};\nvar answer = await http.PostAsJsonAsync("v2/models/${model}/infer", body);\nanswer.EnsureSuccessStatusCode();\nConsole.WriteLine(await answer.Content.ReadAsStringAsync());` },
    { key: 'typescript', title: 'TypeScript', language: 'ts', note: `Node 18 or newer; binary form with the values behind a JSON head.${encrypted ? ` Start it with NODE_EXTRA_CA_CERTS=${authority}, the authority that signed the station's certificate.` : ''}`,
      text: `const values = new ${input.type === 'float64' ? 'Float64Array' : input.type === 'uint8' ? 'Uint8Array' : 'Float32Array'}(${count});\nconst head = new TextEncoder().encode(JSON.stringify({\n  inputs: [{ name: "${input.name}", datatype: "${datatype}", shape: [${shape.join(', ')}], parameters: { binary_data_size: values.byteLength } }],\n}));\nconst answer = await fetch("${url}", {\n  method: "POST", signal: AbortSignal.timeout(2000),\n  headers: { ${asks(`"authorization": \`Bearer \${process.env.${keyName}}\`, `)}"content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },\n  body: new Blob([head, values]),\n});\nif (!answer.ok) throw new Error((await answer.json()).error);\nconsole.log(await answer.json());` },
    { key: 'grpc', title: 'gRPC', language: 'py', note: `The same model over gRPC; the connection survives an update: it is closed politely and dialled anew.${trust}`,
      text: `${pythonHead('grpc')}\nclient = grpc.InferenceServerClient("${grpcAddress}"${encrypted ? `, ssl=True, root_certificates="${authority}"` : ''})\n${pythonTensor('grpc')}print(${pythonCall}.get_response())` },
    { key: 'plc', title: 'PLC', language: 'txt', note: 'A PLC does not speak JSON well: let a small program on the station PC ask, and hand the result over.',
      text: `1. The camera program on the station PC posts the image to ${url}${asks(`, with the key of its own: authorization: Bearer …`)}\n2. It takes the index of the largest output and its score from the answer.\n3. It writes both to the PLC (OPC UA, Modbus TCP or PROFINET), with a running number.\n4. The PLC checks the running number and the time: no new number within the takt means "not read", never "good".\n5. ${address}/v2/health/ready answers 200 while the station serves; anything else is an alarm.` },
  ];
}
