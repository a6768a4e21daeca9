// Operators of ai.onnx.ml, as scikit-learn and gradient-boosting exports use them.
import { attributeOf, intAttribute, intsAttribute, stringsAttribute, floatsAttribute } from '../graph/attributes.ts';
import { tensorType, type Dim, type ValueType } from '../types/ValueType.ts';
import type { Rule, RuleContext, RuleTable } from './Rule.ts';

const FLOAT = 1;
const STRING = 8;
const INT64 = 7;

/** Class labels of a classifier or ZipMap node: text as it is, numbers as text; empty when it names none. */
export function classLabelsOf(node: RuleContext['node']): string[] {
  for (const name of ['classlabels_strings', 'classlabels_string']) {
    const texts = stringsAttribute(node, name);
    if (texts.length > 0) return texts;
  }
  for (const name of ['classlabels_int64s', 'classlabels_ints']) {
    const numbers = intsAttribute(node, name, []);
    if (numbers.length > 0) return numbers.map(String);
  }
  return [];
}

const rows = (context: RuleContext): Dim => (context.shape(0)?.length === 1 ? 1 : context.shape(0)?.[0] ?? null);

/** Label per row, and a score per row and class. */
const classifier: Rule = (context) => {
  const labels = classLabelsOf(context.node);
  const texts = stringsAttribute(context.node, 'classlabels_strings').length > 0 || stringsAttribute(context.node, 'classlabels_string').length > 0;
  const n = rows(context);
  return [tensorType(texts ? STRING : INT64, [n]), tensorType(FLOAT, [n, labels.length > 0 ? labels.length : null])];
};

const regressor = (targets: string): Rule => (context) => [tensorType(FLOAT, [rows(context), intAttribute(context.node, targets, 1)])];
const floatOfFirst: Rule = ({ shape }) => [tensorType(FLOAT, shape(0))];

const labelEncoder: Rule = ({ node, shape, elem }) => {
  const has = (name: string) => attributeOf(node, name) !== null;
  const type = has('values_strings') ? STRING : has('values_int64s') ? INT64 : has('values_floats') ? FLOAT : attributeOf(node, 'values_tensor')?.t?.dataType ?? (elem(0) === STRING ? INT64 : STRING);
  return [tensorType(type, shape(0))];
};

export const classicalMlRules: RuleTable = {
  LinearClassifier: classifier, SVMClassifier: classifier, TreeEnsembleClassifier: classifier,
  LinearRegressor: regressor('targets'), TreeEnsembleRegressor: regressor('n_targets'), TreeEnsemble: regressor('n_targets'),
  SVMRegressor: (context) => [tensorType(FLOAT, [rows(context), 1])],
  Scaler: floatOfFirst, Normalizer: floatOfFirst,
  Binarizer: ({ shape, elem }) => [tensorType(elem(0), shape(0))],
  Imputer: ({ shape, elem }) => [tensorType(elem(0), shape(0))],
  LabelEncoder: labelEncoder,
  ArrayFeatureExtractor: ({ shape, elem }) => {
    const input = shape(0);
    const count = shape(1)?.at(-1) ?? null;
    return [tensorType(elem(0), input ? (input.length <= 1 ? [1, count] : [...input.slice(0, -1), count]) : null)];
  },
  FeatureVectorizer: (context) => [tensorType(FLOAT, [rows(context), intsAttribute(context.node, 'inputdimensions', []).reduce((sum, size) => sum + size, 0) || null])],
  OneHotEncoder: ({ node, shape }) => {
    const width = intsAttribute(node, 'cats_int64s', []).length || stringsAttribute(node, 'cats_strings').length;
    const input = shape(0);
    return [tensorType(FLOAT, input ? [...input, width] : null)];
  },
  CategoryMapper: ({ shape, elem }) => [tensorType(elem(0) === STRING ? INT64 : STRING, shape(0))],
  ZipMap: ({ node }) => {
    const inner: ValueType = { kind: 'map', elemType: stringsAttribute(node, 'classlabels_strings').length > 0 ? STRING : INT64, shape: null, inner: tensorType(FLOAT, []) };
    return [{ kind: 'sequence', elemType: 0, shape: null, inner }];
  },
  DictVectorizer: ({ node }) => [tensorType(FLOAT, [1, stringsAttribute(node, 'string_vocabulary').length || intsAttribute(node, 'int64_vocabulary', []).length || floatsAttribute(node, 'none', []).length || null])],
  CastMap: () => [tensorType(FLOAT, [1, null])],
};
