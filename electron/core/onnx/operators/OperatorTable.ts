// The shape of the table of published operators: one row for each form that an operator has had.
/** -1 as the upper bound means "any number". */
type Arity = readonly [least: number, most: number];
export type LooseRow = readonly [number, readonly number[], readonly number[], ReadonlyArray<ReadonlyArray<number | string>>, Readonly<Record<string, number>>, number];
export type OperatorTable = Readonly<Record<string, Readonly<Record<string, ReadonlyArray<LooseRow>>>>>;
