// A request and its answer as the engine sees them, whichever protocol carried them.
import type { TensorData } from '#shared/tensor';
import type { DatatypeName } from './datatypes.ts';

export type ParameterValue = string | number | boolean | bigint;
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** An input or output of a model; -1 is a size that each request chooses. */
export interface TensorSignature { readonly name: string; readonly datatype: DatatypeName; readonly shape: readonly number[] }
export interface ModelSignature { readonly inputs: readonly TensorSignature[]; readonly outputs: readonly TensorSignature[] }

/** Elements of BYTES stay bytes until it is known whether they are text or an encoded image. */
export type InferData = TensorData | readonly Uint8Array[];
export interface InferTensor { readonly name: string; readonly datatype: DatatypeName; readonly shape: readonly number[]; readonly data: InferData }
/** `binary` is null where the request leaves it to the default; `classes` asks for so many classes as text instead of the values. */
export interface RequestedOutput { readonly name: string; readonly binary: boolean | null; readonly classes: number }

export interface InferRequest {
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InferTensor[];
  /** Empty where the request names none: every output of the model. */
  readonly outputs: readonly RequestedOutput[];
}

export interface OutputTensor { readonly name: string; readonly datatype: DatatypeName; readonly shape: readonly number[]; readonly data: TensorData }

/** What every answer says of where it comes from. */
export interface ModelIdentity { readonly name: string; readonly version: string; readonly labels: readonly string[] }
