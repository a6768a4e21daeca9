// What a session says of its inputs or outputs, as the contract describes tensors.
import type { TensorInfo } from '#shared/contract/references';
import type { ValueInfo } from './nativeSession.ts';

export const tensorInfos = (values: readonly ValueInfo[]): TensorInfo[] => values.map(({ name, type, shape }) => ({ name, type: type ?? 'sequence or map', shape: [...shape] }));
