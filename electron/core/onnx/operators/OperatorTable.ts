// The shape of the table of published operators: one row for each form that an operator has had.
/** -1 as the upper bound means "any number". */
type Arity = readonly [least: number, most: number];
/** Attribute types by name, as numbers of AttributeType; negative when required. */
export type SchemaRow = readonly [since: number, inputs: Arity, outputs: Arity, inputTypes: ReadonlyArray<readonly [set: number, variable: string]>, attributes: Readonly<Record<string, number>>, deprecated: 0 | 1];
export type LooseRow = readonly [number, readonly number[], readonly number[], ReadonlyArray<ReadonlyArray<number | string>>, Readonly<Record<string, number>>, number];
export type OperatorTable = Readonly<Record<string, Readonly<Record<string, ReadonlyArray<LooseRow>>>>>;
