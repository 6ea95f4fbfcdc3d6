import { html, webLink } from './html';

describe('html', () => {
  it('escapes text and attribute values', () => {
    const evil = `"><script>alert('&')</script>`;
    expect(html`<a title="${evil}">${evil}</a>`.toString()).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</a>',
    );
  });

  it('keeps what it made itself, also in lists', () => {
    const items = ['a', '<b>'].map((item) => html`<i>${item}</i>`);
    expect(html`${items}`.toString()).toBe('<i>a</i><i>&lt;b&gt;</i>');
  });

  it('renders numbers, also zero, and nothing for what is absent', () => {
    expect(html`${0}|${undefined}|${null}|${false}|`.toString()).toBe('0||||');
  });
});

describe('webLink', () => {
  it.each([
    ['https://x.com/a/status/1', 'https://x.com/a/status/1'],
    ['http://localhost/a', 'http://localhost/a'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,hi', undefined],
    ['/relative', undefined],
    [undefined, undefined],
  ])('of %s is %s', (address, expected) => {
    expect(webLink(address)).toBe(expected);
  });
});
