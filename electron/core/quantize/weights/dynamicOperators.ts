// What dynamic INT8 can quantize: the operators with an integer kernel in the runtime. Attention is that of com.microsoft, which the runtime's optimizers make of transformers.
export const dynamicOperators = ['MatMul', 'Gemm', 'Conv', 'LSTM', 'Gather', 'Attention'] as const;
export type DynamicOperator = (typeof dynamicOperators)[number];
