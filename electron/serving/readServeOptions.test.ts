// How a container's environment and arguments become options: each platform's own variables, and what is refused.
import { describe, expect, it } from 'vitest';
import { modelDirOf, readServeOptions } from './readServeOptions.ts';

const nothing = () => false;
const options = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => readServeOptions(args, env, nothing);

describe('readServeOptions', () => {
  it('listens on all addresses at 8080 unless told otherwise; an argument goes before the environment', () => {
    expect(options([])).toMatchObject({ host: '0.0.0.0', port: 8080, grpcPort: 8081, maxBatch: 1, apiKey: null, healthRoute: null, predictRoute: null, multiModel: false });
    expect(options(['--http-port=9000', '--grpc-port', '9001', '--max-batch', '8', '--max-delay-ms', '1.5'], { PORT: '1' })).toMatchObject({ port: 9000, grpcPort: 9001, maxBatch: 8, maxDelayMs: 1.5 });
    expect(options([], { GRPC_PORT: '-1', API_KEY: 'k', HOST: '127.0.0.1' })).toMatchObject({ grpcPort: null, apiKey: 'k', host: '127.0.0.1' });
  });
  it.each([['AIP_HTTP_PORT', { PORT: '2', SAGEMAKER_BIND_TO_PORT: '3' }], ['SAGEMAKER_BIND_TO_PORT', { PORT: '2' }], ['PORT', { HTTP_PORT: '4' }], ['HTTP_PORT', { AIP_HTTP_PORT: '' }]])('takes the port from %s before the others', (name, others) => {
    expect(options([], { ...others, [name]: '7777' })).toMatchObject({ port: 7777 });
  });
  it('reads the routes that Vertex AI names, and makes them where only the endpoint is named', () => {
    expect(options([], { AIP_HEALTH_ROUTE: '/h', AIP_PREDICT_ROUTE: '/p' })).toMatchObject({ healthRoute: '/h', predictRoute: '/p' });
    expect(options([], { AIP_ENDPOINT_ID: '5', AIP_DEPLOYED_MODEL_ID: '6' })).toMatchObject({ healthRoute: '/v1/endpoints/5/deployedModels/6', predictRoute: '/v1/endpoints/5/deployedModels/6:predict' });
  });
  it.each([[['--port', 'x']], [['--port', '70000']], [['--nothing']], [['--max-batch', '0']], [['--max-batch', '1.5']]])('refuses %j', (args) => {
    expect(() => options(args)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  });
  it('says one sentence of an argument that cannot be read', () => {
    for (const args of [['--host', '--port'], ['--nothing'], ['serve', 'twice']]) expect(() => options(args)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^\n]+[^.]\.$/) as string }));
  });
  it('takes -1 for no gRPC, as one argument or two, or as a variable', () => {
    for (const args of [['--grpc-port', '-1'], ['--grpc-port=-1']]) expect(options([...args, '--port', '9000'])).toMatchObject({ grpcPort: null, port: 9000 });
    expect(options([], { GRPC_PORT: '-1' })).toMatchObject({ grpcPort: null });
    expect(() => options(['--port', '-1'])).toThrow(expect.objectContaining({ message: 'port is "-1", and must be a number from 0 to 65535.' }));
  });
  it('opens sealed doors where their port is named, and only with the key that seals them', () => {
    expect(options([], { API_KEY: 'k' })).toMatchObject({ sealed: null });
    expect(options([], { API_KEY: 'k', SEALED_PORT: '8443' })).toMatchObject({ sealed: { host: '0.0.0.0', port: 8443, grpcPort: null } });
    expect(options([], { API_KEY: 'k', SEALED_PORT: '8443', SEALED_GRPC_PORT: '8444', SEALED_HOST: '10.0.0.2' })).toMatchObject({ sealed: { host: '10.0.0.2', port: 8443, grpcPort: 8444 } });
    expect(() => options([], { SEALED_PORT: '8443' })).toThrow(expect.objectContaining({ code: 'BAD_USAGE', message: expect.stringContaining('API_KEY') as string }));
  });
  it('looks for models where platforms mount them, in their order', () => {
    const env = { MODEL_DIR: '/a', AZUREML_MODEL_DIR: '/z' };
    expect([['/a', '/mnt/models'], ['/mnt/models', '/opt/ml/model'], ['/opt/ml/model', '/z'], ['/z', '/models'], ['/models']].map((there) => modelDirOf(env, (path) => there.includes(path)))).toEqual(['/a', '/mnt/models', '/opt/ml/model', '/z', '/models']);
    expect(modelDirOf(env, nothing)).toBe('/a');
  });
});
