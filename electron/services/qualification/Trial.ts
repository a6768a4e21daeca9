// One self-test of the tool: what has to happen, and the two ways in which it may not.
export interface Trial {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  /** What happened; throws Mismatch where it is not what was expected, and NotApplicable where it cannot be tried here. */
  try(): Promise<string>;
}

export class Mismatch extends Error {}
export class NotApplicable extends Error {}
