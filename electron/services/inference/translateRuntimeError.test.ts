// What the runtime says, as a person reads it: which file or node, and why; no paths, no signatures of its source.
import { expect, it } from 'vitest';
import { translateRuntimeError } from './translateRuntimeError.ts';

const told = (message: string) => translateRuntimeError(new Error(message), '/data/jobs/1/result.onnx');

it.each([
  ['Load model from /data/jobs/1/result.onnx failed:This is an invalid model. Type Error: Type \'tensor(float16)\' of input parameter (x) of operator (QuantizeLinear) in node (x_QuantizeLinear) is invalid.',
    'result.onnx gives the node "x_QuantizeLinear" (QuantizeLinear) the input "x" as tensor(float16), which this operator does not take.'],
  ['[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running QLinearMatMul node. Name:\'MatMul_0\' Status Message: onnxruntime::common::Status onnxruntime::QLinearMatMul::Compute(onnxruntime::OpKernelContext*) const IsScalarOr1ElementVector(a_offset) was false. QLinearMatmul : input zero point must be a scalar or 1D tensor of size 1.',
    'The runtime cannot run the node "MatMul_0" (QLinearMatMul) of result.onnx: IsScalarOr1ElementVector(a_offset) was false. QLinearMatmul : input zero point must be a scalar or 1D tensor of size 1.'],
  ['Non-zero status code returned while running QuantizeLinear node. Name:\'e_QuantizeLinear\' Status Message: onnxruntime::PrepareForQDQ(const TensorShape&, const Tensor&, const Tensor*, int64_t, int64_t, int64_t&) scale must be 1D tensor with size 1.',
    'The runtime cannot run the node "e_QuantizeLinear" (QuantizeLinear) of result.onnx: scale must be 1D tensor with size 1.'],
  ['Load model from /data/jobs/1/result.onnx failed:/onnxruntime/core/graph/model.cc:149 onnxruntime::Model::Model(onnx::ModelProto&&, const PathString&) something is odd', 'The runtime cannot run result.onnx: something is odd.'],
])('%s', (message, sentence) => {
  const error = told(message);
  expect([error.code, error.message]).toEqual(['MODEL_UNSUPPORTED', sentence]);
});

it('memory that is short at a node is told as that', () => {
  expect(told('Non-zero status code returned while running Conv node. Name:\'c\' Status Message: Failed to allocate memory for requested buffer of size 9000000000').code).toBe('WORKER_CRASHED');
});
