import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { lateConstants } from './lateConstants.mjs';

/** Runs the changed program, with a maker that notes what it made, and gives `result` and what was made until then. */
function run(code: string): { result: unknown; made: string[] } {
  const made: string[] = [];
  interface Thing { readonly name: string; readonly extend: (more: string) => Thing; readonly nullable: () => Thing }
  const thing = (name: string): Thing => { made.push(name); return { name, extend: (more) => thing(`${name}+${more}`), nullable: () => thing(`${name}?`) }; };
  const result: unknown = runInNewContext(`${lateConstants(code, ['z'])}; result;`, { z: { object: thing, enum: (values: readonly string[]) => thing(values.join('|')) }, note: (text: string) => { made.push(text); return text; } });
  return { result, made };
}

describe('constants that wait for their first use', () => {
  it('are made when they are used, once, with what they are made of', () => {
    expect(run('var a = z.object("a"); var b = a.extend("b"); var c = z.object("c"); var read = () => b.name; var result = [read(), read()].join();')).toEqual({ result: 'a+b,a+b', made: ['a', 'a+b'] });
  });

  it('are the same object at each use', () => {
    expect(run('var a = z.object("a"); var result = a === a;')).toEqual({ result: true, made: ['a'] });
  });

  it.each([
    ['the short form of a property', 'var a = z.object("a"); var result = { a }.a.name;'],
    ['a class that is made by a function', 'var A = /* @__PURE__ */ (() => function A() { this.name = "a"; })(); var a = z.object("a"); var result = new A().name === "a" && a.name;'],
    ['a call of new', 'function make() { return function A() { this.name = "a"; }; } var A = /* @__PURE__ */ make(); var a = z.object("a"); var result = new A().name === "a" && a.name;'],
    ['an object that holds one', 'var a = z.object("a"); var all = { a, b: z.object("b") }; var result = a.name;'],
    ['a helper that is one such expression', 'var list = (one) => one.nullable(); var b = list(z.object("b")); var a = z.object("a"); var result = a.name;'],
    ['a use before its line has run', 'var result; var read = () => a.name; var a = z.object("a"); result = read();'],
    ['properties and labels of the same name', 'var a = z.object("a"); var other = { a: 1 }; a: for (;;) { break a; } var result = other.a === 1 && a.name;'],
  ])('work with %s', (_what, code) => {
    expect(run(code)).toEqual({ result: 'a', made: ['a'] });
  });

  it.each([
    ['it has an effect', 'var a = z.object(note("a")); var result = 1;', ['a', 'a']],
    ['it is assigned again', 'var a = z.object("a"); a = null; var result = a;', ['a']],
    ['an inner scope means something else by its name', 'var a = z.object("a"); var result = ((a) => a)(1);', ['a']],
    ['the callee is unknown', 'var a = note("a"); var result = 1;', ['a']],
  ])('are left as they are where %s', (_why, code, made) => {
    expect(run(code).made).toEqual(made);
  });

  it('keep each statement on its line, which the source maps rely on', () => {
    const code = 'var a = z.object({\n  b: 1\n});\nvar result = a;\n';
    expect(lateConstants(code, ['z']).split('\n').map((line) => line.includes('result'))).toEqual([false, false, false, true, false]);
  });
});
