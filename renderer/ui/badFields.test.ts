import { expect, it } from 'vitest';
import { firstBad, markBad } from './badFields.ts';

it('names a bad field until each is right again or gone', () => {
  const [port, memory] = [{ label: 'Port', sentence: 'A whole number.' }, { label: 'Memory', sentence: 'A number.' }];
  expect(firstBad()).toBeNull();
  const portRight = markBad('1', port);
  const memoryRight = markBad('2', memory);
  expect(firstBad()).toBe(port);
  portRight();
  expect(firstBad()).toBe(memory);
  memoryRight();
  expect(firstBad()).toBeNull();
});
