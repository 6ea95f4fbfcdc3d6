import { hashtagsOf, isHashtag, mentionsOf, sameTag } from './entities';

/** Facts from the conformance suite of twitter-text: a text, and what X finds in it. */

describe('hashtagsOf', () => {
  it.each<[string, string[]]>([
    ['a #hashtag here', ['hashtag']],
    ['this is #hashtag1', ['hashtag1']],
    ['#1hashtag is this', ['1hashtag']],
    ['On the #16 bus', []],
    ['#0', []],
    [
      '(#hashtag1 )#hashtag2 [#hashtag3 ]#hashtag4 ’#hashtag5’#hashtag6',
      ['hashtag1', 'hashtag2', 'hashtag3', 'hashtag4', 'hashtag5', 'hashtag6'],
    ],
    ["I'll write more tests #mañana", ['mañana']],
    ['Working remotely #café', ['café']],
    ['Getting my Oktoberfest on #münchen', ['münchen']],
    ['this is not valid: # 会議中 ハッシュ', []],
    ['What is #트위터 anyway?', ['트위터']],
    ['Just random half-width Hangul #ﾣﾦﾰ', ['ﾣﾦﾰ']],
    ['What is #ашок anyway?', ['ашок']],
    ['#カタカナ is a hashtag', ['カタカナ']],
    ['#ひらがな FTW!', ['ひらがな']],
    ['#漢字 is the future', ['漢字']],
    ['Hashtag #カタカナ', ['カタカナ']],
    ['Japanese hashtags #ひらがな', ['ひらがな']],
    ['Study time #漢字', ['漢字']],
    ['See my #カタカナ hashtag?', ['カタカナ']],
    ['Study #ひらがな for fun and profit', ['ひらがな']],
    ['Some say #漢字 is the past. what do they know?', ['漢字']],
    ['日本語ハッシュタグテスト #日本語ハッシュタグ', ['日本語ハッシュタグ']],
    ['日本語ハッシュテスト。#日本語ハッシュタグ', ['日本語ハッシュタグ']],
    ['#日本語ハッシュタグ。', ['日本語ハッシュタグ']],
    ['全角英数字ハッシュタグ ＃ｈａｓｈｔａｇ１２３', ['ｈａｓｈｔａｇ１２３']],
    ['日本語ハッシュタグ#日本語ハッシュタグ', []],
    ['長音ハッシュタグ。#サッカー', ['サッカー']],
    ['長音ハッシュタグ。#ｻｯｶｰ', ['ｻｯｶｰ']],
    ['#ﾊｯｼｭﾀｸﾞ #ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ', ['ﾊｯｼｭﾀｸﾞ', 'ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ']],
    ['できましたよー！#日本語ハッシュタグ。', ['日本語ハッシュタグ']],
    ['できましたよー！＃日本語ハッシュタグ。', ['日本語ハッシュタグ']],
    ['#云々 #学問のすゝめ #いすゞ #各〻 #各〃', ['云々', '学問のすゝめ', 'いすゞ', '各〻', '各〃']],
    ['#メ\uff5eテレ ハッシュタグ内で\uff5eが認識されず', ['メ\uff5eテレ']],
    ['#メ\u301cテレ ハッシュタグ内で\uff5eが認識されず', ['メ\u301cテレ']],
    ['Here’s a test tweet for you: #Ateş #qrşt #ştu #ş', ['Ateş', 'qrşt', 'ştu', 'ş']],
    ['Here’s a test tweet for you: #İn #ın', ['İn', 'ın']],
    ['#hashtag: #hashtag; #hashtag, #hashtag. #hashtag! #hashtag?', Array(6).fill('hashtag')],
    [':#hashtag ;#hashtag ,#hashtag .#hashtag !#hashtag ?#hashtag', Array(6).fill('hashtag')],
    ['#hashtag\ntest\n#hashtag2\ntest\n#hashtag3\n', ['hashtag', 'hashtag2', 'hashtag3']],
    ['#http://twitter.com #https://twitter.com', []],
    ['http://twitter.com/#hashtag twitter.com/#hashtag', []],
    ['#Azərbaycanca #mûǁae #Čeština #Ċaoiṁín', ['Azərbaycanca', 'mûǁae', 'Čeština', 'Ċaoiṁín']],
    [
      '#سیاست #ایران #السياسة #السياح #لغات  #اتمی  #کنفرانس #العربية #الجزيرة #فارسی',
      [
        'سیاست',
        'ایران',
        'السياسة',
        'السياح',
        'لغات',
        'اتمی',
        'کنفرانس',
        'العربية',
        'الجزيرة',
        'فارسی',
      ],
    ],
    [
      '#برنامه_نویسی  #رییس_جمهور  #رئيس_الوزراء, #ثبت_نام. #لس_آنجلس',
      ['برنامه_نویسی', 'رییس_جمهور', 'رئيس_الوزراء', 'ثبت_نام', 'لس_آنجلس'],
    ],
    ['#עַל־יְדֵי #וכו׳ #מ״כ', ['עַל־יְדֵי', 'וכו׳', 'מ״כ']],
    ['#ผู้เริ่ม #การเมือง #รายละเอียด', ['ผู้เริ่ม', 'การเมือง', 'รายละเอียด']],
    ['#أي\u200cبي\u200cإم #می\u200cخواهم', ['أي\u200cبي\u200cإم', 'می\u200cخواهم']],
    ['የአላህ መልእክተኛ #ኢትዮሙስሊምስ', ['ኢትዮሙስሊምስ']],
    ['#ශ්\u200dරීලංකා', ['ශ්\u200dරීලංකා']],
    ['#۳۴۵هشتگ #هشتگ۶۷۸ #ســـلام_عليكم_٤٠٦', ['۳۴۵هشتگ', 'هشتگ۶۷۸', 'ســـلام_عليكم_٤٠٦']],
    ['#महात्मा #महात्मा_१२३४ #१२३४ गांधी', ['महात्मा', 'महात्मा_१२३४']],
    [
      '#বাংলা #ગુજરાતી #ಕನ್ನಡ #മലയാളം #ଓଡ଼ିଆ #ਪੰਜਾਬੀ #සිංහල #தமிழ் #తెలుగు',
      ['বাংলা', 'ગુજરાતી', 'ಕನ್ನಡ', 'മലയാളം', 'ଓଡ଼ିଆ', 'ਪੰਜਾਬੀ', 'සිංහල', 'தமிழ்', 'తెలుగు'],
    ],
    ['#བོད་སྐད་ #བོད་སྐད', ['བོད་སྐད་', 'བོད་སྐད']],
    ['#មហាត្មះគន្ធី #မြင့်မြတ်သော #ຊີວະສາດ', ['មហាត្មះគន្ធី', 'မြင့်မြတ်သော', 'ຊີວະສາດ']],
    ['#Μαχάτμα_Γκάντι ήταν Ινδός πολιτικός', ['Μαχάτμα_Γκάντι']],
    ['#Մահաթմա #მაჰათმა', ['Մահաթմա', 'მაჰათმა']],
    ['#il·lusió', ['il·lusió']],
    ['#_ #1_2 #122 #〃', []],
    ['#\u{20021}', ['\u{20021}']],
    ['#\u{16f04}\u{16f51}', ['\u{16f04}\u{16f51}']],
    ['#A\u{104a0}', ['A\u{104a0}']],
    ['#hashtag here', ['hashtag']],
    ['test a #hashtag', ['hashtag']],
    ['test a #hashtag in a string', ['hashtag']],
    ['#123 a #hashtag in a string', ['hashtag']],
    ['会議中 #hashtag 会議中', ['hashtag']],
    ['One #two three #four', ['two', 'four']],
    ['Hashtags in #русский!', ['русский']],
    [
      'Hashtags in #中文, #日本語, #한국말, and #русский! Try it out!',
      ['中文', '日本語', '한국말', 'русский'],
    ],
  ])('finds the tags of %j', (text, tags) => {
    expect(hashtagsOf(text)).toEqual(tags);
  });
});

describe('isHashtag', () => {
  it.each([
    ['hashtag', true],
    ['1st', true],
    ['that1time', true],
    ['easyas123', true],
    ['12345', false],
    ['ашок', true],
    ['트위터', true],
  ])('takes %j: %s', (tag, valid) => {
    expect(isHashtag(tag)).toBe(valid);
  });
});

describe('mentionsOf', () => {
  it.each<[string, string[]]>([
    ['@username reply', ['username']],
    ['mention @username', ['username']],
    ['mention @username in the middle', ['username']],
    ['mention @user_name', ['user_name']],
    ['mention @12345', ['12345']],
    ['mention @username1 @username2', ['username1', 'username2']],
    ['の@usernameに到着を待っている', ['username']],
    ['Current Status: @_@ (cc: @username)', ['username']],
    ['@aliceìnheiro something something', []],
    ['@username email me @test@example.com', ['username']],
    ['@http://twitter.com', []],
    ['@username\n@mention', ['username', 'mention']],
    ['RT@username RT:@mention RT @test', ['username', 'mention', 'test']],
    ['rt@username rt:@mention rt @test', ['username', 'mention', 'test']],
    ['Rt@username Rt:@mention Rt @test', ['username', 'mention', 'test']],
    ['rT@username rT:@mention rT @test', ['username', 'mention', 'test']],
    ['f!@kn', []],
    ['f@@kn', []],
    ['f#@kn', []],
    ['f$@kn', []],
    ['f%@kn', []],
    ['f&@kn', []],
    ['f*@kn', []],
    ['username @username', ['username']],
    ['@username/list-name is a great list!', []],
    ['Hey @username, check out out @otheruser/list_name-01!', ['username']],
    ['の@username/list_name-01に到着を待っている', []],
    ['@username/7list-name is a great list!', ['username']],
  ])('finds the mentions of %j', (text, names) => {
    expect(mentionsOf(text)).toEqual(names);
  });
});

it.each([
  ['MosaicMe', 'mosaicme', true],
  ['cumpleaños', 'CUMPLEANOS', true],
  ['ｍosaic', 'mosaic', true],
  ['mosaicme', 'mosaicme2', false],
])('takes %j and %j for the same tag: %s', (one, other, same) => {
  expect(sameTag(one, other)).toBe(same);
});
