import fc from 'fast-check';
import { plainLine } from './plain-line';

it.each([
  ['a plain name', 'Ada Lovelace', 'Ada Lovelace'],
  ['spaces and line breaks', '  Ada\n\t L. ', 'Ada L.'],
  ['a family, which is four people joined', '👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
  ['Persian with a non-joiner', 'می‌خواهم', 'می‌خواهم'],
  ['a flag made of tags', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ['a heart with its variation selector', '❤️', '❤️'],
  ['accents that combine', 'e\u0301lodie', 'e\u0301lodie'],
  ['a turned direction', 'abc\u202egpj.exe', 'abc gpj.exe'],
  ['isolates and marks', '\u2066a\u2069\u200f', 'a'],
  ['a lone surrogate', 'a\ud83db', 'a b'],
  ['a zero byte', 'a\u0000b', 'a b'],
])('keeps of %s what can be shown', (_name, given, expected) => {
  expect(plainLine(given, 80)).toBe(expected);
});

it.each([
  ['abcdef', 3, 'abc'],
  ['ab cdef', 3, 'ab'],
  ['ab👩‍👩‍👧‍👦', 12, 'ab'],
  ['ab👩‍👩‍👧‍👦', 13, 'ab👩‍👩‍👧‍👦'],
  ['a🎈', 2, 'a'],
])('cuts %j to %d units between characters: %j', (given, maxLength, expected) => {
  expect(plainLine(given, maxLength)).toBe(expected);
});

it('never exceeds its length, breaks a pair or changes what it made', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 40 }), (text, maxLength) => {
      const line = plainLine(text, maxLength);
      expect(line.length).toBeLessThanOrEqual(maxLength);
      expect(line).not.toMatch(/\p{Cs}/u);
      expect(plainLine(line, maxLength)).toBe(line);
    }),
  );
});
