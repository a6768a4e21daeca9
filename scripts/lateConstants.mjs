// Most of a program's start is constants that it never asks for: schemas, descriptions of messages, classes made by a function. The build makes each of them wait for its first use.
import { parse } from 'acorn';

const isNode = (value) => typeof value === 'object' && value !== null && typeof value.type === 'string';
const childrenOf = (node) => Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

/** Names that a pattern binds. */
function* boundBy(pattern) {
  if (!pattern) return;
  if (pattern.type === 'Identifier') yield pattern;
  else if (pattern.type === 'AssignmentPattern') yield* boundBy(pattern.left);
  else if (pattern.type === 'RestElement') yield* boundBy(pattern.argument);
  else if (pattern.type === 'ArrayPattern') for (const element of pattern.elements) yield* boundBy(element);
  else if (pattern.type === 'ObjectPattern') for (const property of pattern.properties) yield* boundBy(property.type === 'RestElement' ? property.argument : property.value);
}

/** Each use of a name, the names that are assigned again, and those that an inner scope gives a meaning of its own. */
function readNames(program) {
  const uses = [], changed = new Set(), inner = new Set();
  const change = (pattern) => { for (const { name } of boundBy(pattern)) changed.add(name); };
  const take = (pattern) => { for (const { name } of boundBy(pattern)) inner.add(name); };
  const outermost = new Set(program.body.flatMap((statement) => (statement.type === 'VariableDeclaration' ? statement.declarations : [])));
  const visit = (node, parent) => {
    switch (node.type) {
      case 'Identifier':
        uses.push({ node, shorthand: parent.type === 'Property' && parent.shorthand });
        return;
      case 'VariableDeclarator':
        if (!outermost.has(node)) take(node.id);
        else if (node.id.type === 'Identifier') return node.init ? visit(node.init, node) : undefined;
        break;
      case 'FunctionDeclaration': case 'FunctionExpression': case 'ArrowFunctionExpression': node.params.forEach(take); if (node.id) take(node.id); break;
      case 'ClassDeclaration': case 'ClassExpression': if (node.id) take(node.id); break;
      case 'CatchClause': take(node.param); break;
      case 'AssignmentExpression': change(node.left); break;
      case 'UpdateExpression': change(node.argument); break;
      case 'ForInStatement': case 'ForOfStatement': if (node.left.type !== 'VariableDeclaration') change(node.left); break;
      case 'MemberExpression':
        visit(node.object, node);
        if (node.computed) visit(node.property, node);
        return;
      case 'Property': case 'MethodDefinition': case 'PropertyDefinition':
        if (node.computed) visit(node.key, node);
        if (node.value) visit(node.value, node);
        return;
      case 'LabeledStatement': return visit(node.body, node);
      case 'BreakStatement': case 'ContinueStatement': return;
    }
    for (const child of childrenOf(node)) visit(child, node);
  };
  visit(program, program);
  return { uses, changed, inner };
}

/** Methods of arrays and of schemas, and functions of Object, that only make something new. */
const arrayMethods = new Set(['map', 'flatMap', 'filter', 'slice', 'concat', 'keys', 'entries']);
const schemaMethods = new Set(['nullable', 'optional', 'default', 'unwrap']);
const objectFunctions = new Set(['fromEntries', 'entries', 'keys', 'values']);

/**
 * `var schema = z.object({…});` becomes a function that makes it on the first call, and each use of the name a call of it. Only what has no effect but its value may wait: calls through one of the `makers`,
 * calls that their author marked as pure, calls of a method of what waits itself, of functions that are one such expression, and of what only makes arrays and objects anew; and objects that hold what waits.
 * A name that is assigned again, or that an inner scope uses for something else, stays as it is.
 * @param code a bundle of esbuild, as one script, before it is minified
 * @param makers names of the bundle whose methods have no effect but their value
 */
export function lateConstants(code, makers) {
  const pureAt = new Set();
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, onComment: (block, text, _start, end) => { if (block && /^\s*[@#]__PURE__\s*$/u.test(text)) pureAt.add(end); } });
  const markedPure = ({ start }) => pureAt.has(start) || pureAt.has(start - 1);
  const { uses, changed, inner } = readNames(program);
  const late = new Map();
  const pureFunctions = new Set();

  const isPureFunction = (node) => node.type === 'ArrowFunctionExpression' && !node.async && node.body.type !== 'BlockStatement' && isInert(node.body);
  const isPureCall = (node) => {
    if (node?.type !== 'CallExpression' || node.optional || !node.arguments.every(isInert)) return false;
    const { callee } = node;
    if (callee.type === 'Identifier') return (markedPure(node) && !callee.name.startsWith('__')) || pureFunctions.has(callee.name);
    if (callee.type !== 'MemberExpression' || callee.computed || callee.optional) return false;
    const { object, property } = callee;
    if (isMaker(object) || isPureCall(object) || (schemaMethods.has(property.name) && isInert(object))) return true;
    if (object.type === 'Identifier' && object.name === 'Object') return objectFunctions.has(property.name);
    return arrayMethods.has(property.name) && isInert(object) && node.arguments.every((one) => isPureFunction(one) || one.type === 'Literal');
  };
  const holdsLate = (node) => isPureCall(node) || (node?.type === 'Identifier' && late.has(node.name)) || (node?.type === 'ObjectExpression' && node.properties.some((one) => holdsLate(one.value ?? one.argument)));
  const isMaker = (node) => (node.type === 'Identifier' && (makers.includes(node.name) || late.has(node.name))) || (node.type === 'MemberExpression' && !node.computed && isMaker(node.object));
  const isInert = (node) => {
    switch (node?.type) {
      case undefined: case 'Literal': case 'FunctionExpression': case 'ArrowFunctionExpression': return true;
      case 'Identifier': return !changed.has(node.name); // it would be another one by then
      case 'TemplateLiteral': return node.expressions.every(isInert);
      case 'ArrayExpression': return node.elements.every(isInert);
      case 'ObjectExpression': return node.properties.every((one) => (one.type === 'SpreadElement' ? isInert(one.argument) : (!one.computed || isInert(one.key)) && isInert(one.value)));
      case 'SpreadElement': case 'UnaryExpression': return node.operator !== 'delete' && isInert(node.argument);
      case 'BinaryExpression': case 'LogicalExpression': return isInert(node.left) && isInert(node.right);
      case 'ConditionalExpression': return isInert(node.test) && isInert(node.consequent) && isInert(node.alternate);
      case 'MemberExpression': return !node.optional && isInert(node.object) && (!node.computed || isInert(node.property));
      default: return isPureCall(node);
    }
  };
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration' || statement.declarations.length !== 1) continue;
    const [{ id, init }] = statement.declarations;
    if (id.type !== 'Identifier' || !init || changed.has(id.name) || inner.has(id.name)) continue;
    if (isPureFunction(init)) pureFunctions.add(id.name);
    else if (holdsLate(init) && isInert(init)) late.set(id.name, statement);
  }

  const edits = [];
  for (const { node: { name, start, end }, shorthand } of uses) if (late.has(name)) edits.push({ start, end, text: shorthand ? `${name}: ${name}$made()` : `(${name}$made())` });
  for (const [name, { start, declarations: [{ init }], end }] of late) edits.push({ start, end: init.start, text: `var ${name}$late; function ${name}$made() { return ${name}$late ??= ` }, { start: init.end, end, text: '; }' });
  edits.sort((a, b) => a.start - b.start || a.end - b.end);
  let done = '', from = 0;
  for (const { start, end, text } of edits) { done += code.slice(from, start) + text; from = end; }
  return done + code.slice(from);
}
