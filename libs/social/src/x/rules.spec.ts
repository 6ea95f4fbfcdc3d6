import { hashtagQuery, planRules } from './rules';

const wanted = { value: '#mosaicme has:images -is:retweet', tag: 'ours' };

describe('planRules', () => {
  it('adds the rule where there is none', () => {
    expect(planRules([], wanted)).toEqual({ add: [wanted], remove: [], own: [] });
  });

  it('changes nothing when the rule is there', () => {
    expect(planRules([{ id: '1', ...wanted }], wanted)).toEqual({
      add: [],
      remove: [],
      own: ['1'],
    });
  });

  it('removes what it left behind, and leaves alone what others set', () => {
    const present = [
      { id: '1', value: '#old has:images', tag: 'ours' },
      { id: '2', value: '#old has:images', tag: 'theirs' },
      { id: '3', value: '#old has:images' },
    ];
    expect(planRules(present, wanted)).toEqual({ add: [wanted], remove: ['1'], own: [] });
  });

  it("uses someone else's rule with the same query", () => {
    const foreign = { id: '5', value: wanted.value.toUpperCase(), tag: 'theirs' };
    expect(planRules([foreign], wanted)).toEqual({ add: [], remove: [], own: ['5'] });
  });
});

describe('hashtagQuery', () => {
  it.each(['mosaicme', 'Mosaic_2026', 'モザイク', 'मोज़ेक'])('accepts %j', (hashtag) => {
    expect(hashtagQuery([hashtag])).toBe(`#${hashtag} has:images -is:retweet`);
  });

  it('asks for any of several hashtags', () => {
    expect(hashtagQuery(['one', 'two'])).toBe('(#one OR #two) has:images -is:retweet');
  });

  it.each(['', '#mosaicme', '2026', 'two words', 'a-b', 'a OR b', 'x'.repeat(140)])(
    'refuses %j',
    (hashtag) => {
      expect(() => hashtagQuery([hashtag])).toThrow(/is no hashtag/);
    },
  );
});
