import fc from 'fast-check';
import { answerText, checkAnswerTemplate } from './answer-text';
import { xLimits } from './x/limits';
import { maxPostWeight, weightedLength } from './x/weighted-length';

const guideTemplate = 'Hi @%s Here is your Mosaic:%s.More info at the ECS & EMC Code booths!';
const link = 'https://mosaicme.example.org/mosaic/0123456789abcdef0123456789abcdef/';

describe('answerText', () => {
  it('fills in handle and link, and ends the link before the text that follows', () => {
    expect(answerText(guideTemplate, { handle: 'alice', link }, xLimits)).toBe(
      `Hi @alice Here is your Mosaic:${link}. More info at the ECS & EMC Code booths!`,
    );
  });

  it.each([
    ['%s %s', `bob ${link}`],
    ['%s %s!', `bob ${link}!`],
    ['%s %s now', `bob ${link} now`],
    ['%s %sNow', `bob ${link} Now`],
    ['%s (%s).Now', `bob (${link}). Now`],
  ])('keeps the link apart in %j', (template, expected) => {
    expect(answerText(template, { handle: 'bob', link }, xLimits)).toBe(expected);
  });

  it('takes a dollar sign in a handle or link as it is', () => {
    expect(answerText('%s %s', { handle: '$&', link: 'https://a.example/$1' }, xLimits)).toBe(
      '$& https://a.example/$1',
    );
  });

  it.each([
    [guideTemplate, 'Hi @bob Here is your Mosaic. More info at the ECS & EMC Code booths!'],
    ['Hi @%s, look: %s', 'Hi @bob, look'],
    ['@%s (%s) is it', '@bob is it'],
  ])('leaves the link out of %j where there is none', (template, expected) => {
    expect(answerText(template, { handle: 'bob', link: undefined }, xLimits)).toBe(expected);
  });

  it('drops the text after the link when the post would be too long', () => {
    const template = `@%s %s ${'and so on '.repeat(30)}`;
    expect(answerText(template, { handle: 'alice', link }, xLimits)).toBe(`@alice ${link}`);
  });

  it('never exceeds the limit and never loses handle or link', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('%')),
        fc.string({ unit: 'grapheme', maxLength: 400 }).filter((text) => !text.includes('%')),
        fc.stringMatching(/^\w{1,15}$/),
        (before, after, handle) => {
          const text = answerText(`${before} @%s %s ${after}`, { handle, link }, xLimits);
          expect(text).toContain(`@${handle}`);
          expect(text).toContain(link);
          expect(weightedLength(text)).toBeLessThanOrEqual(maxPostWeight);
        },
      ),
    );
  });
});

describe('checkAnswerTemplate', () => {
  it.each(['Hello', 'Hello %s', '%s %s %s'])(
    'refuses %j, which has not two placeholders',
    (template) => {
      expect(() => checkAnswerTemplate(template, [])).toThrow(/exactly two/);
    },
  );

  it('refuses a text that is too long before the link', () => {
    expect(() => checkAnswerTemplate(`${'a'.repeat(280)} %s %s`, [xLimits])).toThrow(/shorten/);
  });
});

describe('weightedLength', () => {
  it.each([
    ['', 0],
    ['hello', 5],
    ['é', 1],
    ['日本', 4],
    ['🎉', 2],
    [link, 23],
    [`a ${link} b`, 27],
    ['see example.org now', 31],
  ])('counts %j as %i', (text, weight) => {
    expect(weightedLength(text)).toBe(weight);
  });
});
