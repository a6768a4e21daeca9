// The shape of the table of published operators: one row for each form that an operator has had.
/**
 * `inputs` and `outputs` are [least, most], where -1 as the most means "any number"; `inputTypes` are [set, variable] pairs; attribute types are
 * numbers of AttributeType, negative when required.
 */
export type LooseRow = readonly [since: number, inputs: readonly number[], outputs: readonly number[], inputTypes: ReadonlyArray<ReadonlyArray<number | string>>, attributes: Readonly<Record<string, number>>, deprecated: number];
export type OperatorTable = Readonly<Record<string, Readonly<Record<string, ReadonlyArray<LooseRow>>>>>;
