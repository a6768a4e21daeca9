/**
 * The length of the JSON before the tensors of a message in the binary tensor extension of the Open Inference Protocol, from its own header or from Triton's content type on SageMaker and Vertex AI.
 * Null where the message is none.
 */
export function binaryHeadLength(headers: Readonly<Record<string, string | readonly string[] | undefined>>): number | null {
  const length = Number(headers['inference-header-content-length'] ?? /json-header-size=(\d+)/.exec(String(headers['content-type'] ?? ''))?.[1]);
  return Number.isInteger(length) ? length : null;
}
