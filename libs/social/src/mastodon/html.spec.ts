import { textOfHtml } from './html';

it.each([
  ['<p>Hello</p>', 'Hello'],
  ['<p>one</p><p>two</p>', 'one\n\ntwo'],
  ['<p>one<br>two<br />three</p>', 'one\ntwo\nthree'],
  [
    '<p>a &lt; b &amp;amp; c &gt; d &quot;e&quot; &#39;f&#39; &#x1F389; g&nbsp;h</p>',
    'a < b &amp; c > d "e" \'f\' 🎉 g h',
  ],
  [
    '<p><a href="https://a.example/tags/x" class="mention hashtag">#<span>x</span></a> now</p>',
    '#x now',
  ],
  ['<p>&unknown; &#99999999; &#1114112;</p>', '&unknown; &#99999999; &#1114112;'],
  ['<script>alert(1)</script>', 'alert(1)'],
  ['', ''],
])('reads %j', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});
