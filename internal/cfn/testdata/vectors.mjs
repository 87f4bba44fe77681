// Writes yaml-vectors.json: what the CDK command line aws-cdk 2.1148.1 would send to
// CloudFormation for small templates that are hard to write as YAML. It bundles the
// npm library yaml 2.9.1 and calls it with the options below.
//
//   npm install --no-save yaml@2.9.1
//   node vectors.mjs
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

const options = { schema: 'yaml-1.1', lineWidth: 0 };

const { version } = createRequire(import.meta.url)('yaml/package.json');
if (version !== '2.9.1') throw new Error(`yaml ${version} is not the version that the CLI bundles`);

// Each string is tried as a value, as a list item and as a key.
const strings = {
  words: ['', 'plain', 'two words', 'yes', 'Yes', 'YES', 'yEs', 'no', 'NO', 'on', 'On', 'OFF', 'y', 'Y', 'n', 'N',
    'true', 'True', 'TRUE', 'tRUE', 'false', 'null', 'Null', 'NULL', 'nULL', '~', '<<', '=', 'yes sir'],
  numbers: ['0', '42', '-1', '+1', '123456789012', '1_000', '_1', '007', '089', '0o7', '0b11', '0b12', '0x1F', '0x1G',
    '0x', '1e3', '1E-3', 'e1', '1e', '.', '-.', '.5', '5.', '1.5', '1.2.3', '10.0.0.0/16', '.inf', '-.INF', '.iNF', '.nan',
    '+.nan', '.e3'],
  times: ['12:30:45', '1:2', '1:60', '22:22', '190:20:30.15', '2012-10-17', '2010-09-09', '2012-1-7', '2012-10-17T00:00:00Z',
    '2001-12-14t21:59:43.10-05:00', '2001-12-14 21:59:43.10 -5', '2001-12-14 21:59', '20:30:00Z', '2012-10-17x'],
  indicators: ['-', '- a', '-a', '--', '---', '--- a', '----', '...', '%', '%a', '?', '? a', '?a', ':', ': a', ':a', 'a:', 'a: b',
    'a:\tb', 'a:b', 'a :b', '#', '#a', 'a#b', 'a #b', 'a\t#b', '!x', '!Ref x', '&a', '*a', '*', '@a', '`a`', '|', '>', ',a', 'a,b', '[a]', 'a[0]',
    '{a}', '{}', '[]', '{{resolve:ssm:/a/b}}', '${AWS::Region}', 'arn:${AWS::Partition}:s3:::b/*', '\u2028---', 'a\u2028%', 'a\u2029%'],
  quotes: ['"', "'", '"a"', "'a'", `"a'b"`, 'a "b" c', "it's", 'a: "b"', "a: 'b'", `a: "b" 'c'`, '"a', '{"a": [1, 2]}',
    '"\n', '\\', 'a\\b', 'a: \\b', 'a: \\n b', '"\\'],
  blanks: [' ', '  ', '\t', ' a', 'a ', '\ta', 'a\t', 'a  b', 'a\tb', ' #', 'a \\n b'],
  lines: ['\n', '\n\n', '\n\n\n', 'a\n', '\na', 'a\nb', 'a\nb\n', 'a\nb\n\n', 'a\nb\n\n\n', '\n\na\n', 'a\n\nb', 'a\n\n\nb\n', ' a\nb',
    '\n a\n', ' \na', '  \n  a\n', '\ta\nb', '\n\ta', 'a \nb', 'a\n b', 'a\n  b\n', 'a\n\tb', 'a\nb ', 'a\nb  \n', 'a\n ', 'a\n \n', 'a \n \n',
    ' \n', ' \n ', '\n ', '\t\n', 'a: b\n', '# a\nb', '- a\n- b\n', '---\na\n', 'a\n---\n', 'a\n...', '"a"\nb', "it's\n", '{"a":\n 1}\n',
    'a "b" c\n ', "it's longer than the width that counts\n ", 'yes\nno'],
  controls: ['\r', 'a\r\nb', 'a\rb', '\0', '\x01', '\x07', '\b', '\v', '\f', '\x1b[0m', '\x1f', '\x7f', '\x85', '\x9f', '\xa0',
    '\ufeff', 'a \r\n b', '\r\n', 'a\n\r', 'a\r \nb',
    'short lines, carriage return\r\nand 40 as JSON\r\n', 'first line\r\n  second line, indented\r\n\r\n\r\nlast line of these\r\n',
    'first line \r \n \n  \n\n second, with blanks around it', 'long enough to have real line breaks\r\nbut not at the end\n\n',
    // 39 and 40 characters as JSON, with escapes of two and of six.
    ...[33, 34].map((n) => '\r\n' + 'x'.repeat(n)), ...[5, 6].map((n) => '\x01'.repeat(5) + '\n' + 'x'.repeat(n))],
  unicode: ['é', '日本語', '日本: 語', '😀', '😀: 😀', '😀\n😀', ...[15, 16].map((n) => '\r😀\n' + '😀'.repeat(n)), 'a\u2028b', 'a\u2029b', '\u2028'],
  long: ['word '.repeat(30) + 'end', 'x'.repeat(150), ('a: ' + 'word '.repeat(30)).trim(), 'x'.repeat(100) + '\n' + 'word '.repeat(30) + '\n',
    '"' + 'word '.repeat(30)],
  scripts: ['#!/bin/bash\nset -euo pipefail\n\nyum install -y "nginx"\nif [ -f /etc/x ]; then\n  echo \'it: is\' # there\nfi\n',
    '#cloud-config\nwrite_files:\n  - path: /etc/x\n    content: |\n      a\n\n      b\n\n',
    '{\n  "Version": "2012-10-17",\n  "Statement": []\n}', 'exports.handler = async (e) => {\r\n  return e;\r\n};\r\n'],
};

// Whole values, as JSON text so that numbers are written as they would be in a file.
const structures = [
  '{}', '[]', '{"a":{}}', '{"a":[]}', '[{}]', '[[]]', '[[],{}]', '{"a":{"b":{}}}', '{"a":{"b":[]}}', '{"a":{"b":1},"c":{"d":2}}',
  '{"a":[1,2]}', '{"a":[{"b":1,"c":2},{"d":3}]}', '[["a"]]', '[["a","b"],["c"]]', '[[["a"]]]', '[{"a":{"b":1}}]', '[{"a":[{"b":1}]}]',
  '{"a":[["b","c"],["d"]]}', '{"a":null}', '[null]', '{"a":null,"b":null}', '[true,false]', '{"":{"":""}}', '{"a b":1}', '{"a: b":{"c":1}}',
  '[0,-0,1,-1,1.0,1.5,-1.5e300,0.1]', '[1e20,1e21,123456789012345678901234567890,9007199254740993]', '[1e-6,1e-7,1.5e-10,5e-324]', '[1e999,-1e999]',
  '{"<<":{"a":1}}', '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/x"]]}', '{"Fn::GetAtt":["a","Arn"]}',
  '{"a":[{"b":"x\\ny\\n"},"x\\n\\n",["x\\ny"]]}', '{"a":{"b":{"c":" x\\n\\n y\\n"}}}', '{"a":["x\\r\\n y, which is at least forty characters\\r\\n"]}',
  '{"a":{"---":1}}', '[{"---":1}]', '{"a":{"a\\nb":1}}',
  '{"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"Tags":[{"Key":"k","Value":"v"}]},"Metadata":{"aws:cdk:path":"S/B/Resource"}}}}',
  // A key is on a line of its own if longer than 1024 as written.
  `{"${'k'.repeat(1024)}":1}`, `{"${'k'.repeat(1023)}😀":1}`, `{"${'k'.repeat(1019)}: k":1}`, `{"${'k'.repeat(1020)}: k":1}`,
  ...['{"b":1,"c":2}', '["b","c"]', '{}', '"x\\ny\\n"'].map((v) => `{"a":{"${'k'.repeat(1025)}":${v}}}`),
];

const values = [
  ...Object.values(strings).flat().map((s) => JSON.stringify({ Key: s, List: [s, [s]], Map: { [s]: 0 }, [s]: 0 })),
  ...structures,
];
const vectors = values.map((json) => {
  const text = stringify(sorted(JSON.parse(json)), options);
  return `{"value":${json},"length":${text.length},"text":${JSON.stringify(text)}}`;
});
const file = '[\n' + vectors.join(',\n') + '\n]\n';
writeFileSync(new URL('yaml-vectors.json', import.meta.url), file.replace(/[\x7f-\xa0\u2028\u2029\ufeff]/g, escape));

// sorted puts keys in the order in which the Go code writes them.
function sorted(v) {
  if (Array.isArray(v)) return v.map(sorted);
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]));
}

// escape is for the characters which JSON leaves as they are and editors do not show.
function escape(c) {
  return '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
}
