import { hashtagQueries, planRules, ruleTag } from './rules';

const query = '#mosaicme has:images -is:retweet';
const wanted = { queries: [query], name: 'mosaicme-requests', hashtags: ['mosaicme'] };
const tag = 'mosaicme-requests:mosaicme';

describe('planRules', () => {
  it('adds the rule where there is none, marked by name and hashtags', () => {
    expect(planRules([], wanted)).toEqual({ add: [{ value: query, tag }], remove: [], own: [] });
  });

  it('changes nothing when the rule is there', () => {
    expect(planRules([{ id: '1', value: query, tag }], wanted)).toEqual({
      add: [],
      remove: [],
      own: ['1'],
    });
  });

  it('removes what it left behind, and leaves alone what others set', () => {
    const present = [
      { id: '1', value: '#old has:images', tag: 'mosaicme-requests:old' },
      { id: '2', value: '#old has:images', tag: 'mosaicme-raw-photos:old' },
      { id: '3', value: '#old has:images' },
    ];
    expect(planRules(present, wanted)).toEqual({
      add: [{ value: query, tag }],
      remove: ['1'],
      own: [],
    });
  });

  it("uses someone else's rule with the same query", () => {
    const foreign = { id: '5', value: query.toUpperCase(), tag: 'theirs' };
    expect(planRules([foreign], wanted)).toEqual({ add: [], remove: [], own: ['5'] });
  });
});

describe('ruleTag', () => {
  it('differs with the hashtags, however many there are', () => {
    const many = Array.from({ length: 40 }, (_, index) => `hashtag${index}`);
    const tags = [['one'], ['two'], many, many.slice(1)].map((hashtags) =>
      ruleTag({ name: 'n', hashtags }),
    );
    expect(new Set(tags).size).toBe(4);
    expect(Math.max(...tags.map(({ length }) => length))).toBeLessThanOrEqual(102);
  });
});

describe('hashtagQueries', () => {
  it.each([
    'mosaicme',
    'Mosaic_2026',
    'モザイク',
    'मोज़ेक',
    'می\u200cخواهم',
    'בית־ספר',
    'ラー〜メン',
  ])('accepts %j', (hashtag) => {
    expect(hashtagQueries([hashtag])).toEqual([`#${hashtag} has:images -is:retweet`]);
  });

  it('asks for any of several hashtags, for each once', () => {
    expect(hashtagQueries(['one', 'two', 'one'])).toEqual([
      '(#one OR #two) has:images -is:retweet',
    ]);
  });

  it('makes several queries where one would be longer than X takes', () => {
    const hashtags = Array.from({ length: 60 }, (_, n) => `a${'long'.repeat(6)}${n}`);
    const queries = hashtagQueries(hashtags);
    expect(queries.every(({ length }) => length <= 512)).toBe(true);
    expect(
      hashtags.filter((one) => !queries.some((q) => q.split(/[ ()]/).includes(`#${one}`))),
    ).toEqual([]);
  });

  it.each(['', '#mosaicme', '2026', 'two words', 'a-b', 'a OR b', 'x'.repeat(140)])(
    'refuses %j',
    (hashtag) => {
      expect(() => hashtagQueries([hashtag])).toThrow(/is no hashtag/);
    },
  );
});
